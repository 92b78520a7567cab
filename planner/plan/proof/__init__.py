"""The proof of a run: its files are checked again in exact decimals, without a solver (`planner verify`)."""
