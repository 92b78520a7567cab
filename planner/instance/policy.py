"""Policies: what is ours to choose. Limits on exposure, buffers, sources, and the options that may be used."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import chain, count
from typing import Annotated, Literal

from pydantic import model_validator

from planner.instance.fields import Accepted, Amount, Count, Id, PositiveAmount, Share, Text, Window, column, refuse
from planner.instance.parts import Part

Measure = Literal["stage", "pathway"]
Over = Literal["region", "operator", "site", "cluster"]
Per = Literal["period", "horizon"]
Weight = Literal["units", "value", "capacity"]
OF = "a region, region group, operator, site or cluster, as over says; or each"
Of = Annotated[Text, Accepted(OF, "TW", plain=True)]
ROUNDING = 1e-9


class Limit(Part):
    """A limit on dependence: on the share of a stage's output (`stage`) or of finished units (`pathway`)."""

    name: Id = column("name, unique within the policy", example="packaging-taiwan")
    measure: Measure = column("stage: share of a stage's good output; pathway: share of delivered units that touched")
    stage: Id | None = column("the stage, for measure stage", example="packaging", default=None)
    over: Over = column("what is counted together", default="region")
    of: Of = column(OF)
    max_share: Share | None = column("largest share", "share", default=None)
    min_free: Share | None = column("least share of demand that is free of it (pathway)", "share", default=None)
    per: Per = column("each period by itself, or all together", default="period")
    weight: Weight = column("what is added up", default="units")
    items: tuple[Id, ...] = column("only these items; empty = all", example="[chip]", default=())
    customers: tuple[Id, ...] = column("only these customers (pathway); empty = all", example="[cloud]", default=())
    period: Window = column("periods in which it holds", default="*")
    soft_cost: Amount | None = column("cost of a weighted unit above; empty = hard", "money a unit", default=None)

    @model_validator(mode="after")
    def _consistent(self) -> Limit:
        """Refuse combinations of fields that do not fit the measure of the limit."""
        if self.measure == "stage":
            if self.stage is None:
                raise refuse("A stage limit needs a stage.", "Add stage: with one of the instance's stages.", "stage")
            if self.min_free is not None:
                raise refuse("min_free is for pathway limits.", "Use max_share, or measure: pathway.", "min_free")
            if self.customers:
                raise refuse(
                    "customers are for pathway limits.", "Remove customers, or use measure: pathway.", "customers"
                )
        elif self.stage is not None:
            raise refuse("A pathway limit has no stage: it counts every stage.", "Remove stage.", "stage")
        elif self.weight == "capacity":
            raise refuse(
                "A pathway limit counts delivered units: they use no capacity.", "Use weight: units or value.", "weight"
            )
        if (self.max_share is None) == (self.min_free is None):
            raise refuse("A limit has one of max_share and min_free.", "Give exactly one of the two.")
        return self

    def speaks_of(self, name: str) -> bool:
        """Whether a region (operator, ...) has a row of this limit: it is the one named, or each has."""
        return self.of in {name, "each"}


class Buffer(Part):
    """Stock that a policy holds: the demand of some periods ahead."""

    stage: Id | None = column("stage whose items are held", example="packaging", default=None)
    items: tuple[Id, ...] = column("items that are held", example="[chip]", default=())
    periods_of_cover: Amount = column("periods of demand ahead", "periods", example="1")
    period: Window = column("periods in which it holds", default="*")
    soft_cost: Amount | None = column("cost of a missing unit; empty = hard", "money a unit", default=None)

    @model_validator(mode="after")
    def _holds_something(self) -> Buffer:
        """Refuse a buffer that names nothing to hold."""
        if self.stage is None and not self.items:
            raise refuse("A buffer names neither a stage nor items, so it holds nothing.", "Give stage or items.")
        return self


NAME_OF_A_BUFFER = re.compile(r"buffer-[0-9]+")


def buffer_name(number: int) -> str:
    """The name under which the buffer at position `number` of a policy, from 1, stands among its limits."""
    return f"buffer-{number}"


def free_name(name: str, taken: Collection[str]) -> str:
    """The given name, or the first of `name-2`, `name-3`, ... that is not taken."""
    return next(text for text in chain([name], (f"{name}-{number}" for number in count(2))) if text not in taken)


class Sources(Part):
    """How many sites a policy uses, per item and period."""

    stage: Id = column("stage", example="packaging")
    max_sources: Count | None = column("most sites", default=None)
    min_sources: Count | None = column("fewest sites; needs min_share_if_used", default=None)
    min_share_if_used: PositiveAmount | None = column(
        "least share of a site that is used", "share", example="0.1", default=None
    )

    @model_validator(mode="after")
    def _consistent(self) -> Sources:
        """Refuse rules on sources that count nothing, or whose counts contradict each other."""
        most, fewest, share = self.max_sources, self.min_sources, self.min_share_if_used
        if most is None and fewest is None and share is None:
            raise refuse("This counts nothing.", "Give max_sources, min_sources or min_share_if_used.")
        if most == 0:
            raise refuse("With max_sources 0 nothing could be made.", "Give 1 or more, or leave it out.", "max_sources")
        if fewest is not None and share is None:
            raise refuse(
                "min_sources needs min_share_if_used: a site that makes next to nothing is no second source.",
                "Add min_share_if_used, e.g. 0.1.",
                "min_share_if_used",
            )
        if most is not None and fewest is not None and most < fewest:
            raise refuse(
                f"At most {most} sites cannot be at least {fewest}.",
                "Raise max_sources or lower min_sources.",
                "max_sources",
            )
        if share is not None and share > 1:
            raise refuse(f"{share:.15g} is not a share.", "Give a number up to 1 (10 % is 0.1).", "min_share_if_used")
        if share is not None and (fewest or 0) * share > 1 + ROUNDING:
            raise refuse(
                f"{fewest} sites with at least {share * 100:g} % each are more than the whole.",
                "Lower min_share_if_used or min_sources.",
                "min_share_if_used",
            )
        return self


class Policy(Part):
    """A named set of choices; without a policy nothing is limited and every option may be used."""

    name: Id = column("id of the policy", example="diversified")
    title: Text = column("one line for people", default="")
    limits: tuple[Limit, ...] = column(
        "limits on exposure",
        example="[{name: cap, measure: stage, stage: packaging, of: TW, max_share: 0.6}]",
        default=(),
    )
    buffers: tuple[Buffer, ...] = column(
        "stock to hold", example="[{stage: packaging, periods_of_cover: 1}]", default=()
    )
    sources: tuple[Sources, ...] = column("source counts", example="[{stage: packaging, max_sources: 2}]", default=())
    options: tuple[Id, ...] | None = column(
        "expansion options that may be used; left out = all, [] = none", example="[more-packaging]", default=None
    )

    @property
    def named_buffers(self) -> dict[str, Buffer]:
        """Its buffers by the names under which they stand among its limits."""
        return {buffer_name(number): buffer for number, buffer in enumerate(self.buffers, start=1)}

    @model_validator(mode="after")
    def _unique_names(self) -> Policy:
        names = [limit.name for limit in self.limits]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise refuse(f"The limit name {twice[0]} is used twice.", "Give each limit a name of its own.")
        stages = [rule.stage for rule in self.sources]
        twice = sorted({stage for stage in stages if stages.count(stage) > 1})
        if twice:
            raise refuse(f"The sources of {twice[0]} are counted twice.", "Put both into one row.")
        return self


NO_RULES = Policy(name="none")
"""The policy that chooses nothing: no limits, buffers or source counts, and every option may be used."""


def rules_of(policy: Policy | None) -> Policy:
    """What a policy chooses; where there is no policy, nothing."""
    return NO_RULES if policy is None else policy
