"""The results of the studies of a report: losses, strikes, survival, a frontier, prices, the audit, program sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from planner.study.audit.audit import Audit
from planner.study.frontier.curve import Frontier
from planner.study.outage.n_minus_one import Losses
from planner.study.policy_split import COLUMNS as SPLIT
from planner.study.stress.surprise import Stressed


@dataclass(frozen=True)
class Size:
    """The size of the program of a policy, and the time it takes alone.

    Attributes:
        columns, rows, nonzeros: the size of the program.
        seconds: the time to write and solve it, which differs between machines.
        cost: the cost of the plan, in the instance's currency.
    """

    columns: int
    rows: int
    nonzeros: int
    seconds: float
    cost: float


@dataclass(frozen=True)
class Buys:
    """What one unit of money buys at the site with the shortest time to survive, measure by measure.

    Attributes:
        policy: the policy to which each measure is added.
        site: the site.
        start: the label of the period from which it is out.
        scenario: the strike whose loss is avoided; None where none hits the site.
        table: the columns of `planner.study.stress.buffers_against_sources`; the loss avoided if the scenario
            strikes.
    """

    policy: str | None
    site: str
    start: str
    scenario: str | None
    table: pd.DataFrame


@dataclass(frozen=True)
class Studies:
    """The results of the studies beside the runs; the field of a study that was not made is empty.

    Attributes:
        audit: who depends on whom.
        losses: by policy, each site, cluster, operator and region out; the limits lifted, the options as allowed.
        region_losses: by policy and scenario (None: undisturbed), each region out with the limits in force.
        prices: by policy, the highest shadow prices (columns `PRICED`), with the range of `capacity` in which each
            holds.
        sizes: by policy with pathway limits, its program, and that of the same policy without them.
        survival: by policy (the first, and the last that follows no units), time to survive beside time to recover:
            the columns of `planner.study.stress.strike_choices.survival`.
        stressed: every policy struck by every scenario that is marked a surprise, in that order.
        frontier: least cost against the most telling limits; None where no policy has limits.
        buys: what stock, an option and a second source buy for one site; None where there is no such site.
        split: what each part of the policy with most limits makes of its cost against the one with fewest: the columns
            of `planner.study.policy_split`; empty where they differ in fewer than two parts.
        decide: by when each option has to be decided to keep all limits of the policy with most of them: the columns
            of `planner.study.stress.decide_by`; None where no policy has limits, or there are no options.
        failures: the studies that failed, each with its reason.
        left_out: the studies, policies and scenarios that are missing because the time limit ended.
        coming: the studies that are still being made, where the page is written before the report is complete.
    """

    audit: Audit | None = None
    losses: Mapping[str | None, Losses] = field(default_factory=dict)
    region_losses: Mapping[tuple[str | None, str | None], Losses] = field(default_factory=dict)
    prices: Mapping[str | None, pd.DataFrame] = field(default_factory=dict)
    sizes: Mapping[str | None, tuple[Size, Size]] = field(default_factory=dict)
    survival: Mapping[str | None, pd.DataFrame] = field(default_factory=dict)
    stressed: tuple[Stressed, ...] = ()
    frontier: Frontier | None = None
    buys: Buys | None = None
    split: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=SPLIT))
    decide: pd.DataFrame | None = None
    failures: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    coming: tuple[str, ...] = ()
