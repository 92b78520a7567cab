"""Figures of the instance's README about whole pathways, strikes without warning and the price of depending less."""

from functools import cache

import pandas as pd
import pytest
from accelerators import BN, MILLION, TAIWAN, shipped, touching
from marked import bn, figure, more, percent, table

from planner.study.audit.audit import audit
from planner.study.frontier.levels import Levels
from planner.study.frontier.price_of_resilience import frontier
from planner.study.stress.longest_outages import Outages, longest_outages
from planner.study.stress.surprise import stress_one
from planner.study.stress.undisturbed import Undisturbed
from planner.study.stress.worth_of_resilience import break_even_premium, expected_loss
from planner.study.two_stage.two_stage_plan import two_stage

EVERY = ("concentrated", "front-end-only", "diversified", "end-to-end")
FLOORS = "free-*"


@cache
def bases(name):
    return Undisturbed.of(shipped(), shipped().policy(name))


def surprises():
    return [scenario for scenario in shipped().scenarios if scenario.surprise]


@cache
def struck(name):
    """What each surprise does to a policy's plan."""
    return tuple(stress_one(bases(name), scenario) for scenario in surprises())


@figure("floor-customers")
def floor_customers():
    floors = [limit for limit in shipped().policy("end-to-end").limits if limit.measure == "pathway"]
    assert {limit.customers[0] for limit in floors} == {row.customer for row in shipped().customers}
    [level] = {limit.min_free for limit in floors}
    return f"at least {percent(level)} of each customer's orders of 2028"


@figure("touched", slow=True)
def touched():
    shares = {name: percent(touching(name), 1) for name in EVERY}
    return (
        f"{shares['concentrated']} in `concentrated`, {shares['front-end-only']} in `front-end-only`, "
        f"{shares['diversified']} in `diversified` and {shares['end-to-end']} in `end-to-end`"
    )


@figure("most-free", slow=True)
def most_free():
    free = audit(shipped(), [TAIWAN]).free_of.set_index("product")["share"]
    return f"{percent(free['*'], 1)} of all orders of the report and {percent(free['rubin'], 1)} of Rubin"


@figure("strikes", slow=True)
def strikes():
    rows = []
    for number, scenario in enumerate(surprises()):
        found = [struck(name)[number] for name in EVERY]
        cells = [f"{bn(row.loss)} ({row.lost_units / MILLION:.1f} M, {row.back or 'never'})" for row in found]
        rows.append([f"`{scenario.name}`", *cells])
    return table(["loss, bn USD (units lost, back in service)", *EVERY], rows)


@figure("strikes-ranked", slow=True)
def strikes_ranked():
    """The sentence under the table, and what it rests on."""
    first, *others = EVERY
    base = [row.loss for row in struck(first)]
    parts = []
    for name in others:
        less = [1 - row.loss / loss for row, loss in zip(struck(name), base, strict=True)]
        better = sum(part > 0 for part in less)
        parts.append(
            f"`{name}` loses less in {better} of {len(base)} ({percent(round(min(less), 2) + 0.0)} to {percent(max(less))} less)"
        )
    return f"against `{first}`, {parts[0]}, {parts[1]} and {parts[2]}"


@figure("premium", slow=True)
def premium():
    plans = {name: bases(name).plan for name in EVERY}
    rows = [row for name in EVERY for row in struck(name)]
    found = break_even_premium(plans, rows, surprises()).set_index("policy")
    assert not found["pays"].any()
    cells = []
    for name in EVERY:
        loss = expected_loss(struck(name), surprises())
        part = found.loc[name]
        shown = ["-", "-"] if name == EVERY[0] else [f"{part['premium']:.0f}", f"{part['break_even']:.0f}"]
        cells.append([f"`{name}`", bn(part["cost"]), f"{loss / BN:.2f}", *shown])
    return table(
        ["", "cost, bn USD", "expected loss, bn USD", "costs more, USD a unit", "may cost more, USD a unit"], cells
    )


@cache
def lasting(name):
    return longest_outages(bases(name), Outages(("site",), [shipped().periods.index["2027Q3"]]))


@figure("survive", slow=True)
def survive():
    of_item = {row.item: row.stage for row in shipped().items}
    stage = pd.Series({row.site: of_item[row.item] for row in shipped().processes})
    for name in ("concentrated", "end-to-end"):
        at_once = lasting(name).loc[lasting(name)["periods"] < 5e-4, "of"]
        assert set(stage[at_once]) == {"packaging"}
    found = lasting("concentrated").set_index("of")["periods"]
    short = [site for site in found.index if found[site] < 5e-4]
    return (
        f"{len(short)} of {len(found)} sites, all of them packaging; the N3 lines of Fab 18 "
        f"{found['tsmc-fab18-n3']:.2f} quarters, SK hynix at Icheon {found['sk-hynix-icheon']:.2f}, "
        f"Micron at Taichung {found['micron-taichung']:.2f}"
    )


@cache
def floors():
    return frontier(
        shipped(),
        "end-to-end",
        [FLOORS],
        Levels(start=0.0, stop=0.25, at=[0.05, 0.1, 0.2], within=[0.01], error=1e-5),
        marks=False,
    )


@figure("floor-prices", slow=True)
def floor_prices():
    found = floors()
    points = found.tightening.set_index("level")
    rows = []
    for level in (0.0, 0.05, 0.1, found.own, 0.2, 0.25):
        row = points.loc[points.index[abs(points.index - level).argmin()]]
        assert row.name == pytest.approx(level)
        rows.append([percent(level), more(row["extra_cost"], 2), f"{row['price_per_point'] / MILLION:,.0f} M"])
    return table(["free of Taiwan, orders of 2028", "cost", "one percentage point more costs"], rows)


@figure("floor-within", slow=True)
def floor_within():
    return f"within 1 % of the least cost up to {percent(floors().within(0.01).level, 1)} can be kept"


@figure("two-stage", slow=True)
def two_stage_values():
    found = two_stage(shipped())
    options = found.decisions[found.decisions["kind"] == "option"].set_index("name")["two_stage"]
    us = {name: percent(options[name]) for name in ("tsmc-arizona-packaging", "amkor-arizona-2")}
    calm = found.scenarios.set_index("scenario").loc["undisturbed"]
    return (
        f"It buys {us['tsmc-arizona-packaging']} of TSMC's Arizona packaging and {us['amkor-arizona-2']} of Amkor's "
        f"second phase, and banks dies. If nothing happens it costs {bn(calm['two_stage'] - calm['foresight'])} bn more; "
        f"on average over all that can come, {bn(found.vss, 2)} bn less than the plan that reckons with nothing "
        f"(expected {bn(found.expected)} bn). Knowing what will come would be worth {bn(found.evpi, 2)} bn"
    )
