"""Plans: from an instance to a certified plan, its tables, measures of them, and choke points."""
