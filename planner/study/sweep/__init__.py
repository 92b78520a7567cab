"""A sweep: every policy under every scenario in each of many draws of uncertain figures.

The records of its file, the design of its draws, its runs on one machine or many, and what they say together.
"""
