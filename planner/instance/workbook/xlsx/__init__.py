"""The cells of an .xlsx file, with nothing but Python: it runs in a process of its own, where no more is imported."""
