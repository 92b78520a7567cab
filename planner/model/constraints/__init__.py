"""The constraint families, by theme."""
