"""Time to survive: how long sites, clusters, operators and regions can be out before any customer gets less."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from planner.errors import UsageError, nearest
from planner.instance.by_name_or_file import find_policy, find_scenarios
from planner.instance.instance import Instance
from planner.instance.loading import instance_of
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.plan.case import name_of
from planner.study.outage.n_minus_one import OVER
from planner.study.progress import Effort
from planner.study.stress.longest_outages import Outages, longest_outages, without_a_limit
from planner.study.stress.strike_choices import SCENARIO, capacity_return_of, capacity_taken, sites_out
from planner.study.stress.surprise import strike_of
from planner.study.stress.undisturbed import Undisturbed
from planner.study.stress.worth_of_resilience import survive_against_recover
from planner.text.blocks import Block, Summary
from planner.text.cases import policy_called
from planner.text.figures import joined
from planner.text.html import html_of
from planner.text.json_values import records

MOST_NAMED = 6  # sets of sites in a sentence


@dataclass(frozen=True, eq=False)
class TimeToSurvive:
    """The time to survive of each set of sites, beside the time that it takes to recover.

    Attributes:
        instance, policy: names; None for no policy.
        table: a row a set and start: over, of, sites (`+` between), start (label), periods and weeks survived,
            at_least (as far as the horizon can tell), recover (periods), risk (yes, no, open, perhaps; None where the
            time to recover is not known).
    """

    instance: str
    policy: str | None
    table: pd.DataFrame

    def __repr__(self) -> str:
        what, worst = f"{self.instance}, {policy_called(self.policy)}", self.worst
        return f"<TimeToSurvive of {what}: {len(worst)} sets of sites, at worst {worst['periods'].min():g} periods>"

    def _repr_html_(self) -> str:
        """The time to survive in a notebook: each set from its worst start."""
        return html_of(self.summary)

    @property
    def worst(self) -> pd.DataFrame:
        """For each set the row of its worst start, the shortest time to survive first.

        After a late start the horizon ends before any customer notices the outage. Such a time is only a lower bound,
        and cannot show which start is worst. So the worst start is the one with the shortest time that was noticed;
        where none was noticed, the one with the longest time.
        """
        bound = self.table["at_least"].astype(bool)
        rank = self.table["periods"].where(~bound, -self.table["periods"])
        order = self.table.assign(bound=bound, rank=rank).sort_values(["bound", "rank"], kind="stable")
        return self.table.loc[order.drop_duplicates(["over", "of"]).index].sort_values("periods", kind="stable")

    @property
    def summary(self) -> Summary:
        """The summary: each set from its worst start."""
        block = Block("Time to survive", self.worst, "periods, each set from its worst start", shares=frozenset())
        said = [text] if (text := made_up_for(self.worst)) else []
        return Summary(f"{self.instance}, {policy_called(self.policy)}: time to survive", tuple(said), (block,))

    def as_json(self) -> dict[str, Any]:
        """The table as a list of rows, for JSON output."""
        found = {"schema_version": 1, "instance": self.instance, "policy": self.policy}
        return {**found, "table": records(self.table)}


def made_up_for(table: pd.DataFrame) -> str:
    """The sentence on sets of sites that no part of a period without them shows, as their lines have no limit.

    Args:
        table: rows of `longest_outages`.
    """
    names = list(dict.fromkeys(table.loc[without_a_limit(table), "of"]))
    if not names:
        return ""
    who, whose = joined(names, most=MOST_NAMED), "its" if len(names) == 1 else "their"
    return (
        f"A part of a period without {who} is never noticed, only a whole one: {whose} lines have no limit of capacity "
        "or far more than is needed; they make all that is due in what is left of the period. Where a capacity is only "
        "not known, that says nothing of the time to survive."
    )


def time_to_survive(
    source: Instance | str | Path,
    policy: Policy | str | Path | None = None,
    *,
    over: Sequence[str] = OVER,
    start: str | None = None,
    recover: float | None = None,
    scenarios: Iterable[Scenario | str | Path] | Scenario | str | Path = (),
    effort: Effort | None = None,
) -> TimeToSurvive:
    """The longest outage of each set of sites that no customer notices.

    Everything before the outage stays as planned. An outage of n periods is survived if every customer has received at
    the end of each period at least what the undisturbed plan delivers by then. A part of a period means that this share
    of the capacity is out.

    >>> import planner
    >>> found = planner.time_to_survive("instances/canning", over=["site"])
    >>> found
    <TimeToSurvive of canning, no policy: 2 sets of sites, at worst 0.083 periods>
    >>> print(found.table[["over", "of", "start", "periods", "at_least"]].to_string(index=False))
    over        of start  periods  at_least
    site san-diego     1    0.083     False
    site   seattle     1    0.143     False

    Args:
        source: an instance or its path.
        policy: the policy whose plan is struck; an object, a name in the instance or a path; None for no limits.
        over: kinds of sets: site, cluster, operator, region.
        start: the label of the period in which the outage begins; None for every reported period in turn.
        recover: the time to recover in periods, for comparison; None where it is not known.
        scenarios: scenarios that take capacity; each gives the time to recover of the sites that it strikes.
        effort: time, threads and progress.

    Returns:
        a row a set and start, times in periods (to a thousandth) and in weeks (NaN where periods have no length).

    Raises:
        InstanceError: the instance or the policy is not right.
        UsageError: a name, kind or period does not exist.
        InfeasibleError, UnboundedError: there is no undisturbed plan.
        LimitReachedError: the time limit ended before the last outage.
        SolverError: the solver could not say whether an outage is survived.
    """
    effort = (effort or Effort()).with_deadline()
    instance = instance_of(source)
    chosen, happening = find_policy(instance, policy), find_scenarios(instance, scenarios)
    for kind in over:
        if kind not in OVER:
            raise UsageError(f"There is no kind of set '{kind}'. {nearest(kind, list(OVER))}")
    begin = None if start is None else instance.periods.index.get(start)
    if start is not None and begin is None:
        raise UsageError(f"There is no period {start}. Use one of {', '.join(instance.periods.labels)}.")
    base = Undisturbed.of(instance, chosen, effort.deadline)
    return survival_of(base, begin, recover, happening, over, effort=effort)


def survival_of(
    undisturbed: Undisturbed,
    start: int | None,
    recover: float | None,
    scenarios: Sequence[Scenario],
    over: Sequence[str] = OVER,
    *,
    effort: Effort,
) -> TimeToSurvive:
    """The same as `time_to_survive`, for a plan that is made already, and with the start as a position."""
    network = undisturbed.program.network
    effort = effort.with_deadline()
    table = longest_outages(undisturbed, Outages(over, None if start is None else [start]), effort)
    parts = [survive_against_recover(table, float("nan") if recover is None else recover)]
    for scenario in scenarios:
        back, sites = capacity_return_of(network.instance, scenario), sites_out(undisturbed, scenario)
        if capacity_taken(scenario) and sites:
            struck = Outages((), [strike_of(network.instance, scenario)], {(SCENARIO, scenario.name): sites})
            own = longest_outages(undisturbed, struck, replace(effort, progress=None))
            periods, part = (float("nan"), False) if back is None else (float(back.periods), not back.whole)
            parts.append(survive_against_recover(own, periods, part=part))
    name = name_of(network.policy)
    return TimeToSurvive(network.instance.settings.name, name, pd.concat(parts, ignore_index=True))
