"""Rows as sentences: what a row says, how similar rows are said in one sentence, and how their figures are written."""
