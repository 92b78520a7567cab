"""The what-if page: a plan in a browser on this machine, re-solved at every change."""
