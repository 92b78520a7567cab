"""The run store: what was planned and answered, kept in a database, to be found, compared and asked again."""
