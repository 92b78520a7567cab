"""The instance: its tables, policies and scenarios, read from files, checked, and immutable."""
