"""WHAT CAN HAPPEN: every join, filter, window and lead-time shift, once, as sparse tables of decisions."""

from planner.network.building import build_network
from planner.network.gaps import gap_problems, reach_problems
from planner.network.network import Network

__all__ = ["Network", "build_network", "gap_problems", "reach_problems"]
