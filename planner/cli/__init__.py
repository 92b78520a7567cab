"""The command line: one small file a command, one error boundary."""
