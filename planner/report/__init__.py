"""WHAT IS SHOWN: run folders, exports, and the report."""
