"""What finished units touched at any stage, and views in which another stage binds: figures and sentences."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from planner.instance.periods import HORIZON
from planner.network.watches import watches_of
from planner.plan.measures.pathway import pathway_table
from planner.report.findings import Findings, difference, reported_rows
from planner.text.cases import under
from planner.text.figures import joined, money, nearly, percent

HARDLY = 0.5  # of the fall of a stage's share: less than that part of it, and the units stay where they were
CLOSE = 0.0005
COLUMNS = ["customer", "item", "over", "of", "period", "delivered", "share", "blended", "least"]


@dataclass(frozen=True)
class Touched:
    """Share of the units delivered in the reported periods that touched the region of concern at any stage.

    Attributes:
        share: as the plan assigns classes; where no limit follows units, the blended share.
        blended: the share where lots mix.
        least: the smallest share that strict segregation of lots could reach.
    """

    share: float
    blended: float
    least: float


def touched(findings: Findings, policy: str | None, scenario: str | None = None) -> Touched | None:
    """What the units of a plan touched; None without a plan, or where the plan has no figure for the region."""
    plan = findings.plan(policy, scenario)
    if plan is None or "exposure" not in plan.tables:
        return None
    table = plan.exposure
    rows = table[
        (table["measure"] == "pathway")
        & (table["over"] == "region")
        & (table["of"] == findings.concern.name)
        & (table["period"] == HORIZON)
    ]
    if rows.empty:
        return None
    row = rows.iloc[0]
    return Touched(float(row["share"]), float(row["blended"]), float(row["least"]))


def share_touched(findings: Findings, policy: str | None, scenario: str | None = None) -> float | None:
    """The share of `touched` alone, which does not need the plan's table of exposure."""
    plan = findings.plan(policy, scenario)
    if plan is None or "exposure" not in plan.tables:
        return None
    return plan.touched_shares.get(findings.concern.name)


def pathways(findings: Findings, policy: str | None) -> pd.DataFrame:
    """What the units of an undisturbed plan touched of the region of concern, by customer, product and period."""
    plan = findings.plan(policy)
    if plan is None or "shipments" not in plan.tables:
        return pd.DataFrame(columns=COLUMNS)
    table = pathway_table(plan.instance, plan.tables, watches_of(plan.instance, plan.policy))
    return table[(table["over"] == "region") & (table["of"] == findings.concern.name)].reset_index(drop=True)


def differ(before: float, after: float) -> bool:
    """Whether two shares differ as they are written."""
    return nearly(before) != nearly(after)


@dataclass(frozen=True)
class Binding:
    """The stage with the largest rent of a plan, and its part of the rent of all resources (reported periods)."""

    stage: str
    part: float


def binding(findings: Findings, policy: str | None, scenario: str | None = None) -> Binding | None:
    """What binds in a plan; None where nothing has a price."""
    plan = findings.plan(policy, scenario)
    if plan is None or "choke_points" not in plan.tables:
        return None
    points = reported_rows(findings, plan.choke_points[plan.choke_points["kind"] == "resource"])
    rent = (points["shadow_price"] * points["capacity"]).groupby(points["stage"]).sum()
    whole = float(rent.sum())
    return Binding(str(rent.idxmax()), float(rent.max()) / whole) if whole > 0 else None


def rent_words(found: Binding, scenario: str | None) -> str:
    """The stage's part of the rent in words; for a scenario without a figure, which can differ between machines."""
    return nearly(found.part) if scenario is None else "most" if found.part > 0.5 else "the largest part"


def views(findings: Findings) -> tuple[str | None, ...]:
    """The views of what binds: undisturbed, and each scenario without a probability in which another stage binds.

    A scenario without a probability is not an event but a variant of the same instance.
    """
    usual = binding(findings, findings.first)
    if usual is None:
        return (None,)
    others = []
    for scenario in findings.scenarios:
        found = None if findings.probability[scenario] else binding(findings, findings.first, scenario)
        if found is not None and found.stage != usual.stage:
            others.append(scenario)
    return (None, *others)


@dataclass(frozen=True)
class Move:
    """The change of shares that a policy makes against the first one, in one view.

    Attributes:
        stage, before, after: the limited stage whose share of the region of concern falls most, and its shares.
        units_before, units_after: the shares of finished units that touched the region.
    """

    stage: str
    before: float
    after: float
    units_before: float
    units_after: float

    @property
    def fall(self) -> float:
        """By how much the stage's share falls."""
        return self.before - self.after

    @property
    def units_fall(self) -> float:
        """By how much the share of units falls."""
        return self.units_before - self.units_after

    @property
    def units_stay(self) -> bool:
        """Whether the units stay where they were though the stage moves."""
        return self.fall > CLOSE and self.units_fall < HARDLY * self.fall


def move(findings: Findings, policy: str | None, scenario: str | None = None) -> Move | None:
    """The change of shares that a policy makes; None where a plan or the shares of units are missing."""
    one, two = touched(findings, findings.first, scenario), touched(findings, policy, scenario)
    base, held = findings.shares(findings.first, scenario), findings.shares(policy, scenario)
    stages = [stage for stage in findings.limited_stages(policy) if stage in base and stage in held]
    if one is None or two is None or not stages:
        return None
    stage = max(stages, key=lambda name: base[name] - held[name])
    return Move(stage, base[stage], held[stage], one.share, two.share)


def moves_text(findings: Findings, found: Move) -> str:
    """`takes Taiwan's share of wafer from 92 % to 82 %, but 97 % of finished units still touch Taiwan`."""
    where, first = findings.concern.title, findings.label(findings.first)
    stage = (
        f"takes {where}'s share of {found.stage} from {nearly(found.before)} to {nearly(found.after)}"
        if abs(found.fall) > CLOSE and differ(found.before, found.after)
        else f"leaves {where}'s share of {found.stage} at {nearly(found.after)}"
    )
    if found.units_stay:
        return (
            f"{stage}, but {nearly(found.units_after)} of finished units still touch {where} "
            f"({nearly(found.units_before)} under {first})"
        )
    return f"{stage} and {units_text(findings, found.units_before, found.units_after)}"


def units_text(findings: Findings, before: float, after: float, *, short: bool = False) -> str:
    """`the share of finished units that touch Taiwan from 99.8 % to 91 %`, or that it stays."""
    share = "that share" if short else f"the share of finished units that touch {findings.concern.title}"
    if abs(after - before) <= CLOSE or not differ(before, after):
        return f"{'it' if short else share} {'stays' if short else 'staying'} at {nearly(after)}"
    return f"{share} {'to' if short else f'from {nearly(before)} to'} {nearly(after)}"


def region_loss(findings: Findings, policy: str | None, scenario: str | None = None) -> float:
    """Loss when the region of concern is out for all planned periods, limits in force; NaN where it is not known."""
    losses = findings.studies.region_losses.get((policy, scenario))
    if losses is None:
        return math.nan
    rows = losses.table[(losses.table["over"] == "region") & (losses.table["of"] == findings.concern.name)]
    return float(rows["loss"].iloc[0]) if len(rows) else math.nan


def view_title(findings: Findings, scenario: str | None) -> str:
    """`Where packaging binds (undisturbed)`."""
    found = binding(findings, findings.first, scenario)
    name = scenario or "undisturbed"
    return f"Where {found.stage} binds ({name})" if found else name[:1].upper() + name[1:]


def view_sentence(
    findings: Findings, scenario: str | None, part: str | None, last: str | None, *, brief: bool = False
) -> str:
    """The effect of limiting part of the chain in a view, against limiting all of it, and the conclusion.

    Args:
        findings: the runs.
        scenario: the view; None for undisturbed.
        part: the policy that limits the front of the chain alone.
        last: the widest policy.
        brief: without what binds and what is lost.
    """
    first, label = findings.first, findings.label
    front, whole = move(findings, part, scenario), move(findings, last, scenario)
    costs = {
        name: plan.objective for name in (first, part, last) if (plan := findings.plan(name, scenario)) is not None
    }
    if front is None or whole is None or len(costs) < 3:
        return "Not every policy has a plan here, so the comparison cannot be made."
    against_first = difference(costs[part], costs[first])
    against_last = difference(costs[part], costs[last])
    bind = binding(findings, first, scenario)
    costs_text = (
        f"It costs {_more(findings, against_first)} than {label(first)} and {_more(findings, against_last)} than "
        f"{label(last)}{_fewer_options(findings, part, last)}."
    )
    if brief:
        return f"{label(part)} {moves_text(findings, front)}. {costs_text} {_verdict(findings, scenario, part, last)}"
    usual = under(label(first))
    parts = [
        f"{bind.stage.capitalize()} has {rent_words(bind, scenario)} of the rent {usual}." if bind else "",
        f"{label(part)} {moves_text(findings, front)}.",
        costs_text,
        f"{label(last)} takes {units_text(findings, whole.units_before, whole.units_after)}."
        if abs(whole.units_fall) > CLOSE and differ(whole.units_before, whole.units_after)
        else f"{label(last)} leaves the share of finished units that touch {findings.concern.title} at "
        f"{nearly(whole.units_after)}.",
        _losses_text(findings, scenario, (first, part, last)),
        _verdict(findings, scenario, part, last),
    ]
    return " ".join(filter(None, parts))


def _more(findings: Findings, change: float) -> str:
    return f"{money(abs(change), findings.currency)} {'more' if change > 0 else 'less'}" if change else "no more"


def _fewer_options(findings: Findings, part: str | None, last: str | None) -> str:
    """`, with 2 of the 10 options that end-to-end may buy`: then the costs compare more than the limits."""
    own, every = findings.allowed(part), findings.allowed(last)
    less = len(own) < len(every) and set(own) < set(every)
    return f" (it may buy {len(own)} of the {len(every)} options that {findings.label(last)} may)" if less else ""


def _losses_text(findings: Findings, scenario: str | None, names: tuple[str | None, ...]) -> str:
    losses = {name: region_loss(findings, name, scenario) for name in names}
    if any(map(math.isnan, losses.values())):
        return ""
    return (
        f"With {findings.concern.title} out for good and known in advance, cost would rise by "
        + joined([f"{money(loss, findings.currency)} for {findings.label(name)}" for name, loss in losses.items()])
        + "."
    )


def _verdict(findings: Findings, scenario: str | None, part: str | None, last: str | None) -> str:
    """The conclusion of a view: that limiting part of the chain is not enough, is so in part, or is enough."""
    first, label = findings.first, findings.label
    front, whole = move(findings, part, scenario), move(findings, last, scenario)
    plans = [findings.plan(name, scenario) for name in (first, part, last)]
    if front is None or whole is None or any(plan is None for plan in plans):
        return ""
    cost = [plan.objective for plan in plans if plan is not None]
    losses = [region_loss(findings, name, scenario) for name in (first, part, last)]
    where = findings.concern.title
    if not front.units_stay:
        return (
            f"The numbers do not support the point here: the exposure of finished units falls with the share of "
            f"{front.stage}."
        )
    if front.units_after - whole.units_after <= CLOSE:
        return (
            f"The numbers support half of the point: units stay exposed to {where}, but under {label(last)} they do "
            "as well."
        )
    text = f"The numbers support the point: {label(part)} moves the {front.stage} stage, not the units"
    if cost[1] > cost[2]:
        text += f", and costs more than {label(last)}, which moves more of them"
    if difference(cost[1], cost[0]) < 0:
        text += f". But here it is cheaper than {label(first)}: it buys supply, though not independence of {where}"
    if not any(map(math.isnan, losses)) and losses[0] > 0:
        saved = [1 - loss / losses[0] for loss in losses[1:]]
        text += (
            f". Of the loss with {where} out, {label(part)} takes off {_part_text(saved[0])} and {label(last)} "
            f"{_part_text(saved[1])}"
        )
        if saved[0] >= saved[1] - 0.001:
            text += ": there the whole chain does no better than its front"
    return f"{text}."


def _part_text(part: float) -> str:
    return percent(part) if part >= CLOSE else "nothing"
