"""How close a plan stays to an earlier one: by the fewest changes, in a frozen zone, and by what is re-sourced."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from planner.errors import UsageError
from planner.instance.periods import PeriodError
from planner.model.earlier_plan import ROUNDING_SLACK, hold_zone, limit_resourced, options_decided
from planner.model.program import Program
from planner.plan.plan import Plan, refuse_no_plan
from planner.plan.rounding import rounded
from planner.plan.run_record import decisions_hash
from planner.text.figures import first_of

COLUMNS = ["kind", "label", "period", "planned", "decided", "change"]


@dataclass(frozen=True)
class Closeness:
    """An earlier plan to stay close to, and which of its decisions must stay.

    Of all plans of least cost, the one is taken that differs least from the earlier plan.

    Attributes:
        plan: the earlier plan.
        freeze: the frozen zone: the label of a period, or a window first..last, of the new instance, in which the
            starts, departures and purchases of the earlier plan stay; None for no frozen zone.
        break_cost: what it costs to start, send or buy one unit (a whole option) more or less in the zone than planned,
            in money before discounting. It only guides the choice and is no part of the plan's cost. None where nothing
            in the zone may change.
        most_resourced: the number of good units that may be moved away from the sites where the earlier plan makes
            them; None for any number.
    """

    plan: Plan
    freeze: str | None = None
    break_cost: float | None = None
    most_resourced: float | None = None

    def __post_init__(self) -> None:
        """Refuse a break cost without a frozen zone.

        Raises:
            UsageError: there is a break cost without a zone, or no plan.
        """
        refuse_no_plan("plan", self.plan)
        if self.break_cost is not None and self.freeze is None:
            raise UsageError("A break cost is of a frozen zone: name its window with freeze.")

    def made(self) -> dict[str, float] | None:
        """Good units of each item that the earlier plan makes, where any of its decisions must stay; else None."""
        if self.freeze is None and self.most_resourced is None:
            return None
        finished: dict[str, float] = self.plan.tables["production"].groupby("item")["finished"].sum().to_dict()
        return finished

    def hold(self, program: Program) -> None:
        """Add the rows to a program that keep the decisions which must stay.

        Raises:
            UsageError: the window of the zone is wrong, or the earlier plan has other periods; or a planned decision in
                the zone is no longer possible and there is no break cost.
        """
        if self.freeze is not None:
            try:
                window = program.network.instance.periods.window(self.freeze)
            except PeriodError as error:
                raise UsageError(f"The frozen zone: {error.message} {error.remedy}") from None
            self._refuse_unplanned(program.network.labels[window.start : window.stop])
            lost = hold_zone(program, self.plan.tables, window, self.break_cost)
            lost += self._options_gone(program, window)
            if lost and self.break_cost is None:
                raise UsageError(
                    f"What was planned in {self.freeze} cannot stay: {first_of(lost, 3, '; ')} can no longer be "
                    "decided. Give a price at which it breaks (--break-cost)."
                )
        if self.most_resourced is not None:
            limit_resourced(program, self.plan.tables, self.most_resourced)

    def _refuse_unplanned(self, zone: Sequence[str]) -> None:
        """Refuse a zone in which the earlier plan plans nothing because its periods are others."""
        planned = self.plan.instance.periods.labels
        others = [label for label in zone if label not in planned]
        if others:
            raise UsageError(
                f"The frozen zone {self.freeze} has {first_of(others, 3)}, but the earlier run plans {planned[0]} to "
                f"{planned[-1]}: nothing of it can stay there. Freeze periods that it plans."
            )

    def _options_gone(self, program: Program, window: range) -> list[str]:
        """What the earlier plan decides to buy in the zone and the instance has no more, in words."""
        instance = program.network.instance
        known = {row.option for row in instance.expansions}
        bought = _bought(self.plan, instance.periods.labels[window.start : window.stop])
        return [f"option {option}" for option in bought["option"] if option not in known]

    def as_json(self) -> dict[str, object]:
        """What the new plan records of it: a hash of the earlier plan's decisions, and which of them must stay."""
        stays = {"freeze": self.freeze, "break_cost": self.break_cost, "most_resourced": self.most_resourced}
        return {"plan": decisions_hash(self.plan), **{name: part for name, part in stays.items() if part is not None}}


def closeness_of(given: Plan | Closeness | None) -> Closeness | None:
    """A plan alone as a `Closeness` in which no decision must stay."""
    if given is not None and not isinstance(given, Closeness):
        refuse_no_plan("stay_close_to", given)
    return Closeness(given) if isinstance(given, Plan) else given


def changes_in_zone(plan: Plan, earlier: Closeness) -> pd.DataFrame:
    """What changed in a frozen zone, or in all periods without one.

    Returns:
        kind, label, period, planned, decided, change (units; shares of options that are bought, in the period in
        which they must be decided); no row for what stayed.
    """
    window = plan.instance.periods.window(earlier.freeze or "*")
    labels = plan.instance.periods.labels[window.start : window.stop]
    found = []
    for kind, table, figure, keys in (
        ("started", "production", "started", ["site", "item", "recipe"]),
        ("sent", "shipments", "quantity", ["from", "to", "item"]),
    ):
        sums = []
        for tables in (earlier.plan.tables, plan.tables):
            own = tables[table][tables[table]["period"].isin(labels)]
            own = own[own["from"] != own["to"]] if kind == "sent" else own
            sums.append(own.groupby([*keys, "period"], as_index=False)[figure].sum())
        both = sums[0].merge(sums[1], on=[*keys, "period"], how="outer", suffixes=("_1", "_2")).fillna(0.0)
        both["label"] = [" ".join(map(str, label)) for label in both[keys].itertuples(index=False)]
        both = both.rename(columns={f"{figure}_1": "planned", f"{figure}_2": "decided"}).assign(kind=kind)
        found.append(both)
    found.append(_changes_bought(earlier.plan, plan, labels))
    table = pd.concat(found, ignore_index=True)
    table["change"] = table["decided"] - table["planned"]
    size = table[["planned", "decided"]].abs().max(axis=1)
    table = table[table["change"].abs() > ROUNDING_SLACK * size + 1e-9 * size.groupby(table["kind"]).transform("max")]
    for name in COLUMNS[3:]:
        table[name] = rounded(table[name].astype(float))
    return table[COLUMNS].sort_values(COLUMNS[:3], ignore_index=True)


def _bought(plan: Plan, labels: Collection[str]) -> pd.DataFrame:
    """The options that a plan decides to buy in some periods: option, period (of the decision), share."""
    decided = options_decided(plan.instance, labels)
    before = {row.option for row in plan.instance.expansions if row.bought is not None}
    table = plan.tables["expansions"]
    table = table[table["option"].isin(decided) & ~table["option"].isin(before)]
    return table.assign(period=table["option"].map(decided))[["option", "period", "share"]]


def _changes_bought(earlier: Plan, plan: Plan, labels: Collection[str]) -> pd.DataFrame:
    """What two plans decide to buy in some periods: kind, label, period, planned, decided.

    An option counts where either has it decided there, so one that is gone from the instance of the other does too.
    """
    one, other = (_bought(part, labels) for part in (earlier, plan))
    shares = [part.tables["expansions"].set_index("option")["share"] for part in (earlier, plan)]
    table = pd.concat([other, one])[["option", "period"]].drop_duplicates("option")
    planned, decided = (table["option"].map(part).fillna(0.0).astype(float) for part in shares)
    return table.rename(columns={"option": "label"}).assign(kind="bought", planned=planned, decided=decided)
