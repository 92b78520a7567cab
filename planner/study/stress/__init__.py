"""Disruptions without warning: the loss from a strike, the time to survive, and what protects best.

Stress, prices of broken promises, time to survive, buffers against sources, decide-by.
"""
