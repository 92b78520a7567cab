"""The constraint families of the model, one file for each theme."""
