"""Kinds of loosening: for each, the levers of a program, over the rows of its elastic model."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from planner.network.buffers import orders_take
from planner.network.provenance import class_of
from planner.solve.elastic import Elastic, Rule
from planner.solve.levers import Cap, Count, Cover, Floor, LeastShare, Lever, OptionSize, Promise, Switch
from planner.solve.row_sentences import limit_row, lot_row, process_words, resource_words

LOST_FREE = "lose"
OPENING = "raise_opening"


@dataclass(frozen=True)
class Kind:
    """A kind of loosening.

    Attributes:
        name: its name.
        levers: its levers in an elastic model.
    """

    name: str
    levers: Callable[[Elastic], list[Lever]]


def _rows(elastic: Elastic, family: str) -> Iterator[tuple[Rule, tuple[Any, ...], float]]:
    """The named rows of a family: rule, labels and right-hand side."""
    start, rows = elastic.program.family_rows(family)
    for offset, labels in enumerate(rows.labels.itertuples(index=False, name=None)):
        for most in (False, True):
            rule = elastic.at.get((start + offset, -1, most))
            if rule is not None:
                yield rule, labels, float(rows.right[offset])


def _bounds(elastic: Elastic, block: str, *, most: bool) -> Iterator[tuple[Rule, tuple[Any, ...], float]]:
    """The named bounds of a block: rule, labels and bound."""
    found = getattr(elastic.program, block)
    bounds = elastic.program.numbers.upper if most else elastic.program.numbers.lower
    for offset, labels in enumerate(found.labelled[found.keys].itertuples(index=False, name=None)):
        column = found.first + offset
        rule = elastic.at.get((-1, column, most))
        if rule is not None:
            yield rule, labels, float(bounds[column])


def _gives(rule: Rule) -> tuple[int, float]:
    """The entry of a slack in the row of a rule."""
    return rule.at, -1.0 if rule.most else 1.0


def _period(elastic: Elastic, position: Any) -> str:
    return position if isinstance(position, str) else elastic.program.network.labels[int(position)]


def _limits(family: str) -> Callable[[Elastic], list[Lever]]:
    def levers(elastic: Elastic) -> list[Lever]:
        program = elastic.program
        network = program.network
        totals = {
            (row.limit, row.period): program.total.first + number
            for number, row in enumerate(network.total.itertuples(index=False))
        }
        found: list[Lever] = []
        for rule, labels, _ in _rows(elastic, family):
            row = limit_row(network, labels)
            if not math.isnan(row["soft_cost"]):
                continue
            named = {"limit": str(labels[0]), "of": str(labels[1]), "period": str(labels[2])}
            if not math.isnan(row["min_free"]):
                demand = float(row["demand"])
                figure = float(row["min_free"])
                found.append(Floor("lower_floor", named, figure, rule.size, (_gives(rule),), up=False, demand=demand))
                continue
            named["what"] = str(row["stage"]) or "pathway"
            total, share = totals[labels[0], labels[2]], float(row["max_share"])
            found.append(Cap("raise_cap", named, share, rule.size, (_gives(rule),), row=rule.row, total=total))
        return found

    return levers


def _buffers(elastic: Elastic) -> list[Lever]:
    network = elastic.program.network
    policy, instance = network.policy, network.instance
    found: list[Lever] = []
    rows = list(_rows(elastic, "buffer"))
    items = sorted({str(labels[1]) for _, labels, _ in rows})
    taken = orders_take(instance, items, network.orders) if items else {}
    for rule, labels, _ in rows:
        name, item, period = map(str, labels)
        buffer = (policy.buffers if policy else ())[int(name.removeprefix("buffer-")) - 1]
        if buffer.soft_cost is None:
            named = {"limit": name, "item": item, "period": period}
            at, ordered = network.labels.index(period), tuple(map(float, taken[item]))
            cover = buffer.periods_of_cover
            found.append(
                Cover("lower_cover", named, cover, rule.size, (_gives(rule),), up=False, ordered=ordered, at=at)
            )
    return found


def _capacities(elastic: Elastic) -> list[Lever]:
    return [
        Lever(
            "raise_capacity",
            {"resource": resource_words(labels[0], labels[1]), "period": _period(elastic, labels[2])},
            right,
            rule.size,
            (_gives(rule),),
        )
        for rule, labels, right in _rows(elastic, "capacity")
    ]


def _lanes(elastic: Elastic) -> list[Lever]:
    return [
        Lever(
            "raise_lane",
            {"lane": f"{labels[0]} > {labels[1]}", "item": str(labels[2]), "period": _period(elastic, labels[3])},
            right,
            rule.size,
            (_gives(rule),),
        )
        for rule, labels, right in _rows(elastic, "lane_capacity")
    ]


def _commitments(elastic: Elastic) -> list[Lever]:
    priced = set(elastic.program.network.under["commitment"])
    return [
        Lever("lower_commitment", {"commitment": str(labels[0])}, right, rule.size, (_gives(rule),), up=False)
        for rule, labels, right in _rows(elastic, "commitment")
        if labels[0] not in priced
    ]


def _promises(elastic: Elastic) -> list[Lever]:
    found: list[Lever] = []
    for rule, labels, upper in _bounds(elastic, "lost", most=True):
        ordered = float(elastic.ordered[rule.column - elastic.program.lost.first])
        named = dict(zip(("customer", "item", "period"), map(str, labels), strict=False))
        share = 1.0 - upper / ordered
        found.append(Promise(LOST_FREE, named, share, rule.size, (_gives(rule),), up=False, quantity=ordered))
    return found


def _stock_rules(elastic: Elastic, *, most: bool) -> dict[tuple[str, str], list[tuple[Rule, int, float]]]:
    """Rules on stock by site and item, with their period and bound: rows where it is split by class, else bounds."""
    labels = elastic.program.network.labels
    found: dict[tuple[str, str], list[tuple[Rule, int, float]]] = {}
    for rule, key, right in _rows(elastic, "stock_maximum" if most else "stock_minimum"):
        found.setdefault((str(key[0]), str(key[1])), []).append((rule, int(key[2]), right))
    for rule, key, bound in _bounds(elastic, "stock", most=most):
        found.setdefault((str(key[0]), str(key[1])), []).append((rule, labels.index(str(key[2])), bound))
    return found


def _minima(elastic: Elastic) -> list[Lever]:
    """A minimum is one figure for all periods; one for the end of the last period may stand beside it."""
    rows = {(row.site, row.item): row for row in elastic.program.network.instance.stocks}
    last = len(elastic.program.network.labels) - 1
    found: list[Lever] = []
    for (site, item), rules in _stock_rules(elastic, most=False).items():
        row, named = rows[site, item], {"site": site, "item": item}
        size = max(rule.size for rule, _, _ in rules)
        at_last = [rule for rule, period, _ in rules if period == last]
        minimum = [_gives(rule) for rule, _, _ in rules]
        closing = [_gives(rule) for rule in at_last]
        if row.closing_minimum > row.minimum:  # the last row is the closing one; the minimum holds there too
            minimum = [_gives(rule) for rule, period, _ in rules if period != last]
            minimum += [(elastic.copied(rule, row.minimum), 1.0) for rule in at_last if row.minimum > 0]
        elif row.closing_minimum > 0:
            closing = [(elastic.copied(rule, row.closing_minimum), 1.0) for rule in at_last]
        if minimum and row.minimum > 0:
            found.append(Lever("lower_minimum", named, row.minimum, size, tuple(minimum), up=False))
        if closing and row.closing_minimum > 0:
            found.append(Lever("lower_closing", named, row.closing_minimum, size, tuple(closing), up=False))
    return found


def _maxima(elastic: Elastic) -> list[Lever]:
    """A maximum is one figure for all periods."""
    found: list[Lever] = []
    for (site, item), rules in _stock_rules(elastic, most=True).items():
        bound, size = rules[0][2], max(rule.size for rule, _, _ in rules)
        entries = tuple(_gives(rule) for rule, _, _ in rules)
        found.append(Lever("raise_maximum", {"site": site, "item": item}, bound, size, entries))
    return found


def opening(elastic: Elastic, used: list[Lever]) -> list[Lever]:
    """The opening stock of what cannot be kept at its minimum: it may be there, and not be in the table.

    Args:
        elastic: the model.
        used: levers of minima that a repair moves.
    """
    program = elastic.program
    rows = {(row.site, row.item): row for row in program.network.instance.stocks}
    start, flow = program.family_rows("flow_balance")
    by_class = [name for name in program.network.by_class if name in flow.labels]
    wanted = {(lever.labels["site"], lever.labels["item"]) for lever in used if lever.rule == "lower_minimum"}
    found: list[Lever] = []
    for offset, labels in enumerate(flow.labels.itertuples(index=False, name=None)):
        site, item, period = str(labels[0]), str(labels[1]), int(labels[2])
        if period != 0 or (site, item) not in wanted:
            continue
        row = rows[site, item]
        if by_class and str(labels[3]) != class_of(program.network.watches, site, row.touched):
            continue
        sides = [elastic.at[key].at for most in (False, True) if (key := (start + offset, -1, most)) in elastic.at]
        entries = tuple((side, -1.0) for side in sides or [start + offset])
        size = max(row.opening, elastic.sizes.need.get(item, 0.0)) or 1.0
        found.append(Lever(OPENING, {"site": site, "item": item}, row.opening, size, entries))
    return found


def _outages(elastic: Elastic) -> list[Lever]:
    """An outage ends for a process in a period; where nothing leaves a site either, for all that leaves it."""
    found: dict[tuple[str, ...], list[Rule]] = {}
    network = elastic.program.network
    for rule, labels, _ in _bounds(elastic, "make", most=True):
        process = process_words(network, labels)
        found.setdefault(("end_outage", "process", process, str(labels[3])), []).append(rule)
    for rule, labels, _ in _bounds(elastic, "ship", most=True):
        found.setdefault(("let_leave", "site", str(labels[0]), str(labels[3])), []).append(rule)
    return [
        Switch(
            word,
            {what: name, "period": period},
            0.0,
            max(rule.size for rule in rules),
            tuple(_gives(rule) for rule in rules),
        )
        for (word, what, name, period), rules in found.items()
    ]


def _not_allowed(elastic: Elastic) -> list[Lever]:
    return [
        Switch("allow_option", {"option": str(labels[0])}, 0.0, 1.0, (_gives(rule),))
        for rule, labels, upper in _bounds(elastic, "expand", most=True)
        if upper == 0
    ]


def _options(elastic: Elastic) -> list[Lever]:
    """An option of another size: what it gives and what a unit of it costs grow alike."""
    program, matrix = elastic.program, elastic.matrix
    rows = {row.option: row for row in program.network.instance.expansions}
    first, opens = program.family_rows("expansion_open")
    opened = {str(option): first + offset for offset, option in enumerate(opens.labels["option"])}
    start, part = program.family_rows("capacity")
    found: list[Lever] = []
    for rule, labels, upper in _bounds(elastic, "expand", most=True):
        option = rows[str(labels[0])]
        at = (matrix.column == rule.column) & (matrix.row >= start) & (matrix.row < start + len(part))
        gives = tuple(zip(matrix.row[at].tolist(), matrix.coefficient[at].tolist(), strict=True))
        if upper == 0 or option.capacity == 0 or not gives:
            continue
        whole = option.unit_cost * option.capacity + option.fixed_cost
        own = float(elastic.cost[rule.column])
        entries = [_gives(rule)]
        if option.option in opened:
            entries.append((opened[option.option], -1.0))
        found.append(
            OptionSize(
                "enlarge_option",
                {"option": option.option},
                option.capacity,
                1.0,
                tuple(entries),
                column=rule.column,
                gives=gives,
                fixed=own * option.fixed_cost / whole if option.all_or_nothing and whole > 0 else 0.0,
            )
        )
    return found


def _stages(elastic: Elastic) -> dict[str, str]:
    return {row.item: row.stage for row in elastic.program.network.instance.items}


def _counts(family: str, word: str, field: str, item: int) -> Callable[[Elastic], list[Lever]]:
    """A number of sources is one figure for a stage; `item` is the place of the item among the labels of a row."""

    def levers(elastic: Elastic) -> list[Lever]:
        policy, stages = elastic.program.network.policy, _stages(elastic)
        entries: dict[str, list[tuple[int, float]]] = {}
        for rule, labels, _ in _rows(elastic, family):
            entries.setdefault(stages[str(labels[item])], []).append(_gives(rule))
        figures = {rule.stage: getattr(rule, field) for rule in (policy.sources if policy else ())}
        return [
            Count(word, {"stage": stage}, float(figures[stage]), 1.0, tuple(own), up=family == "source_count_max")
            for stage, own in entries.items()
        ]

    return levers


def _least_shares(elastic: Elastic) -> list[Lever]:
    """The least share of a site that is used is one figure for a stage."""
    program = elastic.program
    network, stages = program.network, _stages(elastic)
    use, output = network.use, network.source_output
    keys = ["site", "item", "period"]
    made: dict[tuple[str, str, int], list[tuple[int, float]]] = {}
    for row, good, *key in output[["row", "yield", *keys]].itertuples(index=False, name=None):
        made.setdefault((str(key[0]), str(key[1]), int(key[2])), []).append(
            (program.make.first + int(row), float(good))
        )
    by_item: dict[tuple[str, int], list[tuple[int, float]]] = {}
    for (_, item, period), parts in made.items():
        by_item.setdefault((item, period), []).extend(parts)
    number = {tuple(key): at for at, key in enumerate(use[keys].itertuples(index=False, name=None))}
    parts_of: dict[str, list[tuple[Rule, tuple[Any, ...]]]] = {}
    for rule, labels, _ in _rows(elastic, "source_share"):
        parts_of.setdefault(stages[str(labels[1])], []).append((rule, labels))
    figures = {rule.stage: rule.min_share_if_used for rule in (network.policy.sources if network.policy else ())}
    found: list[Lever] = []
    for stage, rules in parts_of.items():
        sources, coefficients, sides, entries = [], [], [], []
        for rule, (site, item, period) in rules:
            own, every = made.get((site, item, int(period)), []), by_item.get((item, int(period)), [])
            at = number[site, item, period]
            others = float(use["others"].iloc[at])
            sources.append((program.use.first + at, tuple(own), tuple(every)))
            coefficients += [
                (rule.row, column, good, -good if (column, good) in own else 0.0) for column, good in every
            ]
            coefficients.append((rule.row, program.use.first + at, others, 0.0))
            sides.append((rule.row, others))
            entries.append((rule.at, -(elastic.sizes.need.get(str(item), 0.0) or 1.0)))
        found.append(
            LeastShare(
                "lower_least_share",
                {"stage": stage},
                float(figures[stage] or 0.0),
                1.0,
                tuple(entries),
                up=False,
                sources=tuple(sources),
                coefficients=tuple(coefficients),
                sides=tuple(sides),
            )
        )
    return found


def _lots(elastic: Elastic) -> list[Lever]:
    network = elastic.program.network
    found: list[Lever] = []
    for rule, labels, _ in _rows(elastic, "lot_minimum"):
        named = {"process": process_words(network, labels), "period": _period(elastic, labels[3])}
        least = float(lot_row(network, labels)["min_lot"])
        found.append(Lever("lower_lot", named, least, max(least, rule.size), (_gives(rule),), up=False))
    return found


KINDS: tuple[Kind, ...] = (
    Kind("stage_limit", _limits("stage_limit")),
    Kind("pathway_limit", _limits("pathway_limit")),
    Kind("buffer", _buffers),
    Kind("capacity", _capacities),
    Kind("lane_capacity", _lanes),
    Kind("commitment", _commitments),
    Kind("promise", _promises),
    Kind("minimum", _minima),
    Kind("maximum", _maxima),
    Kind("outage", _outages),
    Kind("option_not_allowed", _not_allowed),
    Kind("option", _options),
    Kind("most_sources", _counts("source_count_max", "raise_sources", "max_sources", 0)),
    Kind("fewest_sources", _counts("source_count_min", "lower_sources", "min_sources", 1)),
    Kind("least_share", _least_shares),
    Kind("lot", _lots),
)
