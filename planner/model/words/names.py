"""What the labels of a row are called: periods by their own label, resources and processes so that one knows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from planner.network.network import Network

Labels = Sequence[Any]


def period_name(network: Network, position: Any) -> str:
    """The label of a period that is given by position, or by its label."""
    return position if isinstance(position, str) else network.labels[int(position)]


def named_labels(network: Network, over: Sequence[str], labels: Labels) -> dict[str, str]:
    """Labels by their names, periods by their own label."""
    return {
        name: period_name(network, label) if name == "period" else str(label)
        for name, label in zip(over, labels, strict=False)
    }


def resource_name(site: Any, resource: Any) -> str:
    """A resource, with its site where that has another name."""
    return str(site) if site == resource else f"{resource} at {site}"


def process_name(network: Network, labels: Labels) -> str:
    """A process by its site and item, and its recipe where there are several."""
    make = network.make
    recipes = make.loc[(make["site"] == labels[0]) & (make["item"] == labels[1]), "recipe"].nunique()
    return f"{labels[1]} at {labels[0]}" + (f" ({labels[2]})" if recipes > 1 else "")
