"""The levers of an elastic model, by kind of loosening.

A family's own loosenings become levers here. Bounds of decisions (units that may be lost, outages, options) belong to
no family, so their levers are made here directly.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import Any

import numpy as np

from planner.instance.lines import stopped_starts
from planner.model.constraints.balances import FlowBalance
from planner.model.constraints.capacities import Capacity, ExpansionOpen
from planner.model.constraints.stock import LOWER_MINIMUM
from planner.model.family import FamilyRows
from planner.model.loosening import (
    LeastShare,
    Loosening,
    NumberOfSites,
    PeriodsOfCover,
    ShareOfDemand,
    ShareOfTotal,
    Turn,
)
from planner.model.words.lines import Wording
from planner.model.words.names import process_name
from planner.network.moving import marks_on
from planner.network.provenance import class_of
from planner.solve.elastic import ElasticModel, Rule
from planner.solve.instructions import (
    ALLOW_OPTION,
    END_HELD,
    END_OUTAGE,
    ENLARGE_OPTION,
    LET_LEAVE,
    LOSE,
    RAISE_OPENING,
)
from planner.solve.levers import Cap, Count, Cover, Floor, LeastShareOfSites, Lever, OptionSize, Promise, Switch

_Place = tuple[Rule, Loosening]


def levers_by_kind(elastic: ElasticModel) -> list[list[Lever]]:
    """The levers of a model, a list for each kind of loosening, in the order in which they are tried."""
    kinds = [
        (rows.family.turn, _of_family(elastic, start, rows))
        for start, rows in elastic.program.by_family()
        if rows.family.turn is not None
    ]
    kinds += [
        (Turn.PROMISES, _promises(elastic)),
        (Turn.OUTAGES, _outages(elastic)),
        (Turn.OPTIONS, _not_allowed(elastic)),
        (Turn.OPTIONS, _options(elastic)),
    ]
    return [levers for _, levers in sorted(kinds, key=itemgetter(0))]


def _of_family(elastic: ElasticModel, start: int, rows: FamilyRows) -> list[Lever]:
    """The levers of a family; its rows (or equivalent bounds) with the same instruction and labels share one lever."""
    family, network = rows.family, elastic.program.network
    most = family.sense == "<="
    found: dict[tuple[Any, ...], list[_Place]] = {}

    def add(rules: list[Rule | None], loosenings: Iterator[tuple[int, Loosening]]) -> None:
        for number, loosening in loosenings:
            rule = rules[number]
            if rule is not None:
                found.setdefault((loosening.rule, *loosening.labels.items()), []).append((rule, loosening))

    named = [elastic.at.get((start + number, -1, most)) for number in range(len(rows))]
    add(named, family.loosenings(network, rows.labels, rows.right))
    if family.bounds:
        bounds = list(_bounds(elastic, family.bounds, most=most))
        block = getattr(elastic.program, family.bounds)
        at = [rule.column - block.first for rule, _, _ in bounds]
        right = np.array([figure for _, _, figure in bounds])
        add([rule for rule, _, _ in bounds], family.loosenings(network, block.labelled[block.keys].iloc[at], right))
    return [_lever(elastic, places) for places in found.values()]


def _lever(elastic: ElasticModel, places: list[_Place]) -> Lever:
    """The lever of one figure, with an entry for each row that gives way when it moves."""
    program = elastic.program
    rule, first = places[0]
    size = max(max(part.size, loosening.size) for part, loosening in places)
    entries = tuple(
        _gives(part) if loosening.kept is None else (elastic.copied(part, loosening.kept), 1.0)
        for part, loosening in places
    )
    given = (first.rule, first.labels, first.figure, size, entries, first.up)
    match first:
        case ShareOfTotal():
            return Cap(*given, row=rule.row, total=program.total.first + first.total)
        case ShareOfDemand():
            return Floor(*given, demand=first.demand)
        case PeriodsOfCover():
            return Cover(*given, ordered=first.ordered, at=first.at)
        case NumberOfSites():
            return Count(*given)
        case LeastShare():
            return _least_share(elastic, [(part, share) for part, share in places if isinstance(share, LeastShare)])
        case _:
            return Lever(*given)


def _least_share(elastic: ElasticModel, places: list[tuple[Rule, LeastShare]]) -> Lever:
    """The lever of a stage's least share, which stands in coefficients and the right-hand side of each row."""
    program = elastic.program
    sources, coefficients, sides, entries = [], [], [], []
    first = places[0][1]
    for rule, part in places:
        use = program.use.first + part.use
        own, every = (tuple((program.make.first + at, good) for at, good in made) for made in (part.own, part.every))
        sources.append((use, own, every))
        coefficients += [(rule.row, column, good, -good if (column, good) in own else 0.0) for column, good in every]
        coefficients.append((rule.row, use, part.others, 0.0))
        sides.append((rule.row, part.others))
        entries.append((rule.at, -(elastic.sizes.need.get(part.item, 0.0) or 1.0)))
    return LeastShareOfSites(
        first.rule,
        first.labels,
        first.figure,
        1.0,
        tuple(entries),
        up=False,
        sources=tuple(sources),
        coefficients=tuple(coefficients),
        sides=tuple(sides),
    )


def _bounds(elastic: ElasticModel, block: str, *, most: bool) -> Iterator[tuple[Rule, tuple[Any, ...], float]]:
    """The rules that are bounds of a block: rule, labels and bound."""
    found = getattr(elastic.program, block)
    bounds = elastic.program.numbers.upper if most else elastic.program.numbers.lower
    for offset, labels in enumerate(found.labelled[found.keys].itertuples(index=False, name=None)):
        column = found.first + offset
        rule = elastic.at.get((-1, column, most))
        if rule is not None:
            yield rule, labels, float(bounds[column])


def _gives(rule: Rule) -> tuple[int, float]:
    """The entry (row, coefficient) by which a slack lets a rule give way."""
    return rule.at, -1.0 if rule.most else 1.0


def _promises(elastic: ElasticModel) -> list[Lever]:
    found: list[Lever] = []
    for rule, labels, upper in _bounds(elastic, "lost", most=True):
        ordered = float(elastic.ordered[rule.column - elastic.program.lost.first])
        named = dict(zip(("customer", "item", "period"), map(str, labels), strict=False))
        share = 1.0 - upper / ordered
        found.append(Promise(LOSE, named, share, rule.size, (_gives(rule),), up=False, quantity=ordered))
    return found


def opening_stock_levers(elastic: ElasticModel, used: list[Lever]) -> list[Lever]:
    """Levers that raise the opening stock of items whose minimum stock a repair lowers.

    The stock may be there in fact and only be missing in the table.

    Args:
        elastic: the model.
        used: levers of minima that a repair moves.
    """
    program = elastic.program
    rows = {(row.site, row.item): row for row in program.network.instance.stocks}
    start, flow = program.rows_of(FlowBalance)
    by_class = [name for name in program.network.by_class if name in flow.labels]
    wanted = {(lever.labels["site"], lever.labels["item"]) for lever in used if lever.rule is LOWER_MINIMUM}
    found: list[Lever] = []
    for offset, labels in enumerate(flow.labels.itertuples(index=False, name=None)):
        site, item, period = str(labels[0]), str(labels[1]), int(labels[2])
        if period != 0 or (site, item) not in wanted:
            continue
        row = rows[site, item]
        if by_class and str(labels[3]) != class_of(program.network.watches, marks_on(row)):
            continue
        sides = [elastic.at[key].at for most in (False, True) if (key := (start + offset, -1, most)) in elastic.at]
        entries = tuple((side, -1.0) for side in sides or [start + offset])
        size = max(row.opening, elastic.sizes.need.get(item, 0.0)) or 1.0
        found.append(Lever(RAISE_OPENING, {"site": site, "item": item}, row.opening, size, entries))
    return found


def _outages(elastic: ElasticModel) -> list[Lever]:
    """Levers that end an outage for a process in a period; for sites that hold everything, also for departures.

    One row of outages says both that a process stands still and that nothing leaves its site. So where such a row is
    ended for a process, goods can leave as well.
    """
    network = elastic.program.network
    leaving: dict[tuple[str, str], list[Rule]] = {}
    for rule, labels, _ in _bounds(elastic, "ship", most=True):
        leaving.setdefault((str(labels[0]), str(labels[3])), []).append(rule)
    periods, holding = network.instance.periods, stopped_starts(network.instance, held=True)
    found: dict[tuple[Wording, str, str, str], list[Rule]] = {}
    for rule, labels, _ in _bounds(elastic, "make", most=True):
        site, item, recipe, period = map(str, labels[:4])
        held = (site, item, recipe, periods.index[period]) in holding
        key = (END_HELD if held else END_OUTAGE, "process", process_name(network, labels), period)
        found.setdefault(key, list(leaving.get((site, period), ())) if held else []).append(rule)
    for (site, period), rules in leaving.items():
        found[LET_LEAVE, "site", site, period] = rules
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


def _not_allowed(elastic: ElasticModel) -> list[Lever]:
    return [
        Switch(ALLOW_OPTION, {"option": str(labels[0])}, 0.0, 1.0, (_gives(rule),), most=1.0)
        for rule, labels, upper in _bounds(elastic, "expand", most=True)
        if upper == 0
    ]


def _options(elastic: ElasticModel) -> list[Lever]:
    """Levers that enlarge an option: the capacity that it gives, and its variable cost."""
    program, matrix = elastic.program, elastic.matrix
    rows = {row.option: row for row in program.network.instance.expansions}
    first, opens = program.rows_of(ExpansionOpen)
    opened = {str(option): first + offset for offset, option in enumerate(opens.labels["option"])}
    start, part = program.rows_of(Capacity)
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
                ENLARGE_OPTION,
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
