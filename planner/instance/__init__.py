"""WHAT IS GIVEN: the tables of an instance, its policies and scenarios, checked and immutable."""
