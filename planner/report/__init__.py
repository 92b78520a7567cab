"""What is shown: run folders, exports, and the report."""
