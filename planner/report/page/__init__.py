"""The page: its frame, its parts in order, and what every part is drawn with.

Grids and charts know nothing of what they show; the sections do.
"""
