"""What the page says of a plan beside its baseline: the sentence, the cards, what binds and what moves."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from planner.instance.periods import HORIZON
from planner.plan.plan import Plan
from planner.report.findings import difference, reported_rows
from planner.report.names import Names
from planner.report.page.grids import Grid, made_grid
from planner.report.sections.pathways import share_touched
from planner.report.sections.service_words import Service, last_end, service_figure, service_line
from planner.serve.controls import limit_names
from planner.serve.pair import NOW, Pair
from planner.text.cases import NO_POLICY, as_subject, under
from planner.text.figures import count, count_change, joined, money, money_change, nearly, percent, points

MOST = 12  # rows of a table
FULL, AT_LEVEL = 0.9995, 5e-5  # of a capacity; of a share
NOISE = 1e-6  # of what is ordered


@dataclass(frozen=True)
class Card:
    """One figure of the present plan.

    Attributes:
        what: what it is.
        figure: how large it is.
        change: against the baseline; "" where there is none to hold it against.
        better: "better", "worse" or "" where neither.
        about: a line under it.
    """

    what: str
    figure: str
    change: str
    better: str
    about: str


def headline(pair: Pair) -> str:
    """What the change costs and delivers, in a sentence that can be repeated."""
    plan, where, own = pair.now, pair.concern.title, pair.service
    units = share_touched(pair, pair.names[-1])
    share = "" if units is None else f"{nearly(units)} of units touch {where}"
    if pair.same:
        losses = f"{count(own.lost)} lost" if own.lost > NOISE * own.ordered else "none lost"
        orders = f"delivers {_delivered(own)} of the orders by {last_end(pair)}, {losses}"
        told = [f"costs {money(plan.objective, pair.currency)}", orders, share]
        whose = "without a policy the plan" if pair.names[0] == NO_POLICY else pair.names[0]
        return f"{whose[:1].upper()}{whose[1:]} {joined([part for part in told if part])}."
    usual, before = pair.service_before, share_touched(pair, pair.names[0])
    change = difference(plan.objective, pair.baseline.objective)
    lost = difference(own.lost, usual.lost, scale=usual.ordered)
    more_served = difference(_rate(own), _rate(usual), scale=1.0)
    told = [f"costs {money(abs(change), pair.currency)} {_more(change)}" if change else "costs the same"]
    if abs(more_served) >= 5e-4:
        part = f"{points(abs(more_served)).removeprefix('+')} {_more(more_served)}"
        told.append(f"delivers {part} of the orders by {last_end(pair)}")
    if abs(lost) > NOISE * usual.ordered:
        told.append(f"loses {count(abs(lost))} {_more(lost)} units".replace("less units", "fewer units"))
    if len(told) == 1:
        told.append(_the_same(own.ordered, usual.ordered))
    first = joined(told)
    if units is not None and before is not None:
        moved = difference(units, before, scale=1.0)
        change_of_share = f" ({points(moved)})" if abs(moved) >= 5e-4 else ""
        first += f"; {share}{change_of_share}"
    return f"{first[0].upper()}{first[1:]}."


def _the_same(now: float, before: float) -> str:
    """What is delivered where neither its share of the orders nor what is lost differs."""
    more = difference(now, before, scale=before)
    if not more or before <= 0:
        return "delivers the same"
    return f"delivers the same share of {percent(abs(more) / before)} {'more' if more > 0 else 'fewer'} orders"


def _more(change: float) -> str:
    return "more" if change > 0 else "less"


def _rate(service: Service) -> float:
    return service.delivered / service.ordered if service.ordered else 1.0


def _delivered(service: Service) -> str:
    return percent(_rate(service))


def cards(pair: Pair) -> tuple[Card, ...]:
    """Cost, orders, loss and dependence of the present plan, each against the baseline."""
    now, before, base = pair.now, pair.baseline, pair.names[0]
    own, usual = pair.service, pair.service_before
    size = max(own.ordered, 1.0)
    cost, whose = difference(now.objective, before.objective), under(base)
    gap = "" if now.status == "optimal" else "not proved to be the least; "
    found = [
        Card(
            "Cost",
            money(now.objective, pair.currency),
            *_change(pair, cost, money_change(cost, pair.currency), less_is_better=True),
            f"{gap}{money(before.objective, pair.currency)} {whose}" if not pair.same else f"{gap}discounted",
        ),
        Card(
            "Orders",
            service_figure(own).removesuffix(" delivered"),
            *_change(pair, _step(_rate(own) - _rate(usual)), points(_step(_rate(own) - _rate(usual)))),
            service_line(pair, own),
        ),
        Card(
            "Lost",
            f"{count(own.lost)} units" if own.lost > NOISE * size else "none",
            *_change(
                pair,
                difference(own.lost, usual.lost, scale=size),
                count_change(difference(own.lost, usual.lost, scale=size)),
                less_is_better=True,
            ),
            f"of {count(own.ordered)} ordered"
            + ("" if pair.same else f"; {count(usual.lost) if usual.lost > NOISE * size else 'none'} {whose}"),
        ),
    ]
    units, first = share_touched(pair, pair.names[-1]), share_touched(pair, base)
    if units is not None and first is not None:
        moved = _step(units - first)
        found.append(
            Card(
                f"Touch {pair.concern.title}",
                nearly(units),
                *_change(pair, moved, points(moved), less_is_better=True),
                "of finished units, at some stage" + ("" if pair.same else f"; {nearly(first)} {whose}"),
            )
        )
    return tuple(found)


def _step(change: float) -> float:
    """A change of a share; 0 where it is less than is shown."""
    return change if abs(change) >= 5e-4 else 0.0


def _change(pair: Pair, change: float, words: str, *, less_is_better: bool = False) -> tuple[str, str]:
    if pair.same or math.isnan(change):
        return "", ""
    if change == 0:
        return "±0", ""
    return words, "better" if (change < 0) == less_is_better else "worse"


def binding(pair: Pair, names: Names) -> Grid:
    """Limits at their level and resources that are full in the present plan, in the reported periods."""
    rows = [*_limits(pair), *_resources(pair, names)]
    price = f"one more saves, {pair.currency}"
    priced = any(row[-1] != "" for row in rows)
    kept = [row if priced else row[:-1] for row in rows]
    head = ["what", "where", "at its limit in", *([price] if priced else [])]
    return made_grid(
        "What binds in this run: limits at their level, and work that is full", head, kept, texts=(0, 1, 2)
    )


def _limits(pair: Pair) -> Iterable[list[str]]:
    table = pair.now.limits
    table = table[table["period"].isin({*pair.periods, HORIZON})]
    used = table["share"].fillna(0.0)
    capped = (table["max_share"] - used).abs() <= AT_LEVEL
    floored = (table["min_free"] - used).abs() <= AT_LEVEL
    over = table["excess"] > 0
    told = table[capped | floored | over]
    words = limit_names(pair.instance, pair.now.policy)
    named = told.assign(words=[words.get(str(limit), f"limit {limit}") for limit in told["limit"]])
    for (what, of), part in named.groupby(["words", "of"], sort=False):
        missed = f" (missed by {count(float(part['excess'].sum()))})" if (part["excess"] > 0).any() else ""
        yield [f"{what}{missed}", pair.region_name(str(of)), _when(pair, part["period"]), _price(part)]


def _resources(pair: Pair, names: Names) -> Iterable[list[str]]:
    points = reported_rows(pair, pair.now.choke_points)
    full = points[(points["kind"] == "resource") & (points["utilisation"] >= FULL) & (points["capacity"] > 0)]
    order = {stage: at for at, stage in enumerate(pair.instance.stages)}
    found = [
        (order.get(str(stage), 0), -len(part), [_place(names, site, name), _in(pair, stage, region)], part)
        for (stage, region, site, name), part in full.groupby(["stage", "region", "site", "name"], sort=False)
    ]
    for _, _, words, part in sorted(found, key=lambda row: row[:2]):
        yield [*words, _when(pair, part["period"]), _price(part)]


def _place(names: Names, site: object, resource: object) -> str:
    return names(str(site)) if str(site) == str(resource) else f"{names(str(site))}, {resource}"


def _in(pair: Pair, stage: object, region: object) -> str:
    return f"{stage}, {pair.region_name(str(region))}"


def _price(part: pd.DataFrame) -> str:
    price = part["shadow_price"].max()
    return "" if math.isnan(price) else money(float(price), "").strip() if price > 0 else "–"


def _when(pair: Pair, periods: pd.Series) -> str:
    """`every quarter`, or the periods, those that follow each other as a window."""
    every = [label for label in pair.periods if label in set(periods)]
    if not every:
        return "all periods together"
    if len(every) == len(pair.periods):
        return f"every {pair.period_word}"
    at = [pair.instance.periods.labels.index(label) for label in every]
    windows: list[list[int]] = []
    for position in at:
        if windows and windows[-1][-1] == position - 1:
            windows[-1].append(position)
        else:
            windows.append([position])
    labels = pair.instance.periods.labels
    return ", ".join(labels[part[0]] if len(part) == 1 else f"{labels[part[0]]}–{labels[part[-1]]}" for part in windows)


def moved_orders(pair: Pair) -> Grid:
    """Orders of the reported periods that are delivered, late or lost otherwise than in the baseline."""
    keys = ["customer", "item"]
    sums = [reported_rows(pair, plan.service).groupby(keys)[["delivered", "lost"]].sum() for plan in _both(pair)]
    lasts = [_owed(pair, plan) for plan in _both(pair)]
    change = (sums[1] - sums[0]).fillna(0.0).assign(late=(lasts[1] - lasts[0]).fillna(0.0))
    size = NOISE * max(pair.demand, 1.0)
    change = change.where(change.abs() > size, 0.0).reset_index()
    order = change[["delivered", "late", "lost"]].abs().max(axis=1)
    change = change.assign(size=order)[order > 0].sort_values(["size", *keys], ascending=[False, True, True])
    rows = [
        [str(row.customer), str(row.item), *(count_change(float(part)) for part in (row.delivered, row.late, row.lost))]
        for row in change.head(MOST).itertuples()
    ]
    more = f"; the {MOST} largest of {len(change)}" if len(change) > MOST else ""
    head = ["customer", "product", "delivered", f"owed at end of {pair.periods[-1]}", "lost"]
    return made_grid(f"Orders that move against {as_subject(pair.names[0])}, units{more}", head, rows, texts=(0, 1))


def _owed(pair: Pair, plan: Plan) -> pd.Series:
    table = plan.service
    return table[table["period"] == pair.periods[-1]].groupby(["customer", "item"])["late"].sum()


def moved_work(pair: Pair) -> Grid:
    """Sites that finish more or fewer units than in the baseline, in the reported periods."""
    keys = ["stage", "region", "site"]
    sums = [reported_rows(pair, plan.production).groupby(keys)["finished"].sum() for plan in _both(pair)]
    wide = pd.concat(sums, axis=1, keys=["before", "now"]).fillna(0.0)
    wide["change"] = wide["now"] - wide["before"]
    moved = wide[wide["change"].abs() > NOISE * wide[["before", "now"]].max(axis=1).clip(lower=1.0)].reset_index()
    moved = moved.assign(size=moved["change"].abs()).sort_values(["size", *keys], ascending=[False, True, True, True])
    rows = [
        [
            str(row.site),
            str(row.stage),
            pair.region_name(str(row.region)),
            count(float(row.now)),
            count_change(float(row.change)),
        ]
        for row in moved.head(MOST).itertuples()
    ]
    more = f"; the {MOST} largest of {len(moved)}" if len(moved) > MOST else ""
    head = ["site", "stage", "region", NOW, "change"]
    what = f"Work that moves against {as_subject(pair.names[0])}, good units{more}"
    return made_grid(what, head, rows, texts=(0, 1, 2))


def moved_options(pair: Pair) -> Grid:
    """Expansion options of which more or less is bought than in the baseline."""
    sums = [plan.expansions.groupby("option")[["share", "cost"]].sum() for plan in _both(pair)]
    before, now = (part.reindex(sums[0].index.union(sums[1].index), fill_value=0.0) for part in sums)
    moved = (now - before)[(now["share"] - before["share"]).abs() > NOISE].sort_index()
    rows = [
        [
            str(option),
            percent(float(now.loc[option, "share"])),
            points(float(row["share"])),
            money_change(float(row["cost"]), pair.currency),
        ]
        for option, row in moved.iterrows()
    ]
    what = f"Options bought otherwise than in {as_subject(pair.names[0])}, share of each"
    return made_grid(what, ["option", NOW, "change", "cost"], rows, texts=(0,))


def _both(pair: Pair) -> tuple[Plan, Plan]:
    return pair.baseline, pair.now
