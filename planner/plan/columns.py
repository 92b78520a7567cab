"""The columns of a plan's tables, as they are written, read again and proved; in their order.

Tables by class have `touched` before their figures, and `allocation` has a column for each stage before its quantity.
Not every plan has the table `relabelled`.
"""

from __future__ import annotations

from collections.abc import Mapping

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "production": ("site", "region", "operator", "stage", "item", "recipe", "period", "started", "finished", "cost"),
    "shipments": (
        *("from", "from_region", "to", "to_region", "item", "period", "arrives"),
        *("quantity", "freight", "tariff"),
    ),
    "stock": ("site", "region", "item", "period", "quantity", "holding_cost"),
    "service": (
        *("customer", "item", "period", "demand", "delivered", "late", "lost"),
        *("price", "lateness_cost", "lost_cost"),
    ),
    "limits": ("limit", "of", "period", "share", "max_share", "min_free", "excess", "cost", "shadow_price"),
    "commitments": ("commitment", "minimum", "made", "shortfall", "cost"),
    "expansions": ("option", "site", "resource", "period", "share", "capacity", "cost"),
    "costs": ("component", "amount"),
    "exposure": ("measure", "stage", "over", "of", "period", "share", "blended", "least", "limit"),
    "allocation": ("customer", "product", "period", "quantity"),
    "choke_points": (
        *("kind", "name", "site", "region", "stage", "period", "used", "capacity", "utilisation", "shadow_price"),
        *("valid_from", "valid_to"),
    ),
    "relabelled": ("site", "item", "period", "touched", "as", "quantity"),
}
