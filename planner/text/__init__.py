"""How figures, lists and tables are written for people: the same on the terminal, the page and in a notebook."""
