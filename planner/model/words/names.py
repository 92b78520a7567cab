"""Names of labels in sentences: period labels in place of positions, short names of resources and processes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from planner.network.network import Network

Labels = Sequence[Any]


def period_name(network: Network, position: Any) -> str:
    """The label of a period, from its position; a label is returned as it is."""
    return position if isinstance(position, str) else network.labels[int(position)]


def named_labels(network: Network, over: Sequence[str], labels: Labels) -> dict[str, str]:
    """The labels of a row by the names in `over`, with period labels in place of positions."""
    return {
        name: period_name(network, label) if name == "period" else str(label)
        for name, label in zip(over, labels, strict=False)
    }


def resource_name(site: Any, resource: Any) -> str:
    """A resource as `resource at site`, or just the site where both have the same name."""
    return str(site) if site == resource else f"{resource} at {site}"


def process_name(network: Network, labels: Labels) -> str:
    """A process as `item at site`, with its recipe where the site has several for the item."""
    several = len(network.recipes.get((labels[0], labels[1]), ())) > 1
    return f"{labels[1]} at {labels[0]}" + (f" ({labels[2]})" if several else "")
