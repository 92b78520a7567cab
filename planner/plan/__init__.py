"""WHAT WAS DECIDED: the tables of a plan, measures of them, and choke points."""
