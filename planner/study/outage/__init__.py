"""N-1: the cost of losing one site, cluster, operator or region, known in advance or without warning.

Each outage is a re-solve of one live model.
"""
