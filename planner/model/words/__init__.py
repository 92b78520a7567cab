"""What rows and figures are called: lines, the groups in which they are said, and how their figures are written."""
