"""How figures, lists and tables are written as text: the same on the terminal, in the report and in a notebook."""
