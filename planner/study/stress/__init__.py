"""Disruptions without warning: what a strike costs, how long a site can be out, and what protects best.

Surprise, promises that break at a price, time to survive, buffers against sources, decide-by.
"""
