"""Reading the cells of an .xlsx file with the standard library alone; it runs in a process of its own."""
