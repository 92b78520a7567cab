"""A run proved again from what is written of it: in exact decimals, and without a solver."""
