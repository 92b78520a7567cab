"""N-1: what it costs when one site, cluster, operator or region is out, known in advance or without warning.

Each outage is a re-solve of one live model.
"""
