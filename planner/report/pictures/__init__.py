"""The report's pictures: each a pure function of the findings, drawn as SVG, the same on the page and in a file."""
