"""Selectors: the keys by which a change names sites, processes, orders, lanes, borders or stock."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from planner.instance.fields import Accepted, Text, refuse
from planner.instance.parts import Part


def _listed(value: Any) -> Any:
    if value == []:  # written in a file; an empty tuple comes from a dumped selector and is fine
        raise refuse("An empty list selects nothing.", "Name what is selected, or leave the key out for all.")
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[Text, ...], BeforeValidator(_listed), Accepted("a name, or a list of names", "[a, b]")]
SITE_KEYS = ("region", "operator", "cluster", "site")
PROCESS_KEYS = ("stage", *SITE_KEYS, "resource", "item", "recipe")
DEMAND_KEYS = ("customer", "region", "item", "stage")
LANE_KEYS = ("from", "to", "from_region", "to_region", "item")
TARIFF_KEYS = ("from_region", "to_region", "item")
STOCK_KEYS = ("stage", *SITE_KEYS, "item")


class Where(Part):
    """A selector: a row is selected when every key that is given matches one of its values."""

    stage: Names = ()
    region: Names = ()
    operator: Names = ()
    cluster: Names = ()
    site: Names = ()
    resource: Names = ()
    item: Names = ()
    recipe: Names = ()
    customer: Names = ()
    from_: Names = Field(default=(), alias="from")
    to: Names = ()
    from_region: Names = ()
    to_region: Names = ()

    @property
    def given(self) -> dict[str, Names]:
        """The keys that are given, by the name that files use."""
        values = {(field.alias or name): getattr(self, name) for name, field in Where.model_fields.items()}
        return {name: value for name, value in values.items() if value}
