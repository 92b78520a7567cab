"""The run store: a database of plans and other answers, in which they are found, compared and reused."""
