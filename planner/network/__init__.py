"""The network: every decision that is possible, and every join, window and lead-time shift, as sparse tables."""

from planner.network.building import build_network
from planner.network.gaps import gap_problems
from planner.network.network import Network
from planner.network.unreached import reach_problems

__all__ = ["Network", "build_network", "gap_problems", "reach_problems"]
