"""Rolling a plan on: the instance as it stands at a later period, had the plan been followed."""
