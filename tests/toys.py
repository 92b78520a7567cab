"""Small instances as mappings, and an independent way to read and solve a program: its matrix, given to HiGHS by hand.

`toy()` is a whole chain in miniature (two fabs, memory, two packaging sites, test, two customers, three periods).
`tiny()` is one plant and one shop, for cases that can be solved in the head.
"""

import json

import highspy
import numpy as np

import planner
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.model import write_program
from planner.model.words.amounts import Amounts
from planner.network import build_network
from planner.solve.row_sentences import label_order, row_line
from planner.solve.sentences import one_sentence_each
from planner.study.stress.undisturbed import Undisturbed

TOY = {
    "name": "toy",
    "periods": ["P1", "P2", "P3"],
    "discount_rate": 0.25,  # discount factors 1, 0.8, 0.64
    "holding_rate": 0.1,
    "stages": ["wafer", "memory", "packaging", "test"],
    "region_groups": {"asia": ["TW", "KR"]},
    "sites": [
        {"site": "fab-a", "region": "TW", "operator": "alpha", "cluster": "valley"},
        {"site": "fab-b", "region": "US", "operator": "alpha"},
        {"site": "mem", "region": "KR"},
        {"site": "pack-a", "region": "TW", "operator": "beta", "cluster": "valley"},
        {"site": "pack-b", "region": "US", "operator": "gamma"},
        {"site": "test", "region": "US"},
    ],
    "items": [
        {"item": "die", "stage": "wafer", "value": 10},
        {"item": "hbm", "stage": "memory", "value": 20},
        {"item": "package", "stage": "packaging", "value": 100},
        {"item": "chip", "stage": "test", "value": 150, "holding_cost": 3},
    ],
    "processes": [
        {"site": "fab-a", "item": "die", "unit_cost": 4, "yield": 0.5, "lead_time": 1, "capacity_use": 0.5},
        {"site": "fab-b", "item": "die", "unit_cost": 6, "lead_time": 1},
        {"site": "mem", "item": "hbm", "unit_cost": 2},
        {"site": "pack-a", "item": "package", "unit_cost": 5, "yield": 0.8, "resource": "cowos"},
        {"site": "pack-b", "item": "package", "unit_cost": 7},
        {"site": "pack-b", "item": "package", "recipe": "lean", "unit_cost": 6, "period": "P2.."},
        {"site": "test", "item": "chip", "unit_cost": 1},
    ],
    "components": [
        {"item": "package", "component": "die", "quantity": 1},
        {"item": "package", "component": "hbm", "quantity": 2},
        {"item": "package", "recipe": "lean", "component": "hbm", "quantity": 1},
        {"item": "chip", "component": "package", "quantity": 1},
    ],
    "capacities": [
        {"site": "fab-a", "period": "P1", "capacity": 40},
        {"site": "fab-a", "period": "P2..", "capacity": 30},
        {"site": "fab-b", "period": "P1", "capacity": 20},
        {"site": "pack-a", "resource": "cowos", "capacity": 20},
        {"site": "pack-b", "capacity": 10},
    ],
    "customers": [{"customer": "cloud", "region": "US"}, {"customer": "lab", "region": "TW"}],
    "demand": [
        {"customer": "cloud", "item": "chip", "period": "P1", "quantity": 3, "price": 500, "late_cost": 5},
        {"customer": "cloud", "item": "chip", "period": "P2", "quantity": 12, "price": 500, "late_cost": 10},
        {
            "customer": "lab",
            "item": "chip",
            "period": "P3",
            "quantity": 8,
            "price": 400,
            "lost_cost": 300,
            "must_serve": 0.5,
        },
    ],
    "lanes": [
        {"from": "fab-a", "to": "pack-a", "item": "die", "unit_cost": 1},
        {"from": "fab-a", "to": "region:US", "item": "die", "unit_cost": 2},
        {"from": "fab-b", "to": "pack-b", "item": "die"},
        {"from": "mem", "to": "region:asia", "unit_cost": 1},
        {"from": "mem", "to": "pack-b", "unit_cost": 1.5},
        {"from": "region:TW", "to": "test", "item": "package", "unit_cost": 3},
        {"from": "pack-b", "to": "test", "item": "package", "unit_cost": 1},
        {"from": "test", "to": "cloud", "unit_cost": 2},
        {"from": "test", "to": "lab", "unit_cost": 4, "lead_time": 1},
    ],
    "lane_capacities": [
        {"from": "pack-a", "to": "test", "capacity": 15},
        {"from": "mem", "to": "region:TW", "item": "hbm", "period": "P2..", "capacity": 30},
    ],
    "tariffs": [
        {"from_region": "*", "to_region": "US", "rate": 0.1},
        {"from_region": "TW", "to_region": "US", "item": "package", "rate": 0.2},
    ],
    "stocks": [
        {"site": "pack-a", "item": "die", "opening": 6, "maximum": 8, "holding_cost": 0.5},
        {"site": "pack-b", "item": "hbm", "minimum": 1},
        {"site": "test", "item": "chip", "closing_minimum": 1},
    ],
    "arrivals": [{"site": "pack-b", "item": "die", "period": "P1", "quantity": 4}],
    "commitments": [
        {
            "commitment": "hbm-contract",
            "site": "mem",
            "item": "hbm",
            "period": "P1..P2",
            "minimum": 60,
            "shortfall_cost": 1,
        },
        {"commitment": "wafer-contract", "site": "fab-a", "period": "P1", "minimum": 2},
    ],
    "expansions": [
        {"option": "more-fab", "site": "fab-a", "period": "P2", "capacity": 10, "fixed_cost": 8, "unit_cost": 3},
        {
            "option": "more-pack",
            "site": "pack-b",
            "period": "P2",
            "capacity": 5,
            "fixed_cost": 20,
            "all_or_nothing": "yes",
        },
    ],
    "policies": [
        {
            "name": "guarded",
            "limits": [
                {"name": "wafer-tw", "measure": "stage", "stage": "wafer", "of": "TW", "max_share": 0.6},
                {
                    "name": "pack-each",
                    "measure": "stage",
                    "stage": "packaging",
                    "of": "each",
                    "max_share": 0.7,
                    "per": "horizon",
                    "weight": "value",
                    "soft_cost": 0.05,
                },
            ],
        },
        {"name": "no-options", "options": []},
    ],
}

# On the toy: a cap a period for one customer, and a soft floor by value over the horizon on another kind of watch.
TRACED = Policy.model_validate(
    {
        "name": "traced",
        "limits": [
            {"name": "cloud-tw", "measure": "pathway", "of": "TW", "max_share": 0.5, "customers": ["cloud"]},
            {
                "name": "other-fabs",
                "measure": "pathway",
                "over": "operator",
                "of": "alpha",
                "min_free": 0.3,
                "per": "horizon",
                "weight": "value",
                "soft_cost": 0.05,
            },
        ],
    }
)

# On the toy: one packaging site a period, dies of both fabs or of none, and lots of what has a capacity and what has none.
SOURCED = Policy.model_validate(
    {
        "name": "sourced",
        "sources": [
            {"stage": "packaging", "max_sources": 1},
            {"stage": "wafer", "max_sources": 2, "min_sources": 2, "min_share_if_used": 0.25},
        ],
    }
)
LOTS = {("pack-b", "lean"): 4, ("fab-a", "standard"): 8, ("test", "standard"): 2.5}

TINY = {
    "name": "tiny",
    "sites": [{"site": "plant", "region": "TW"}],
    "items": [{"item": "unit", "stage": "make", "value": 10}],
    "processes": [{"site": "plant", "item": "unit", "unit_cost": 1}],
    "customers": [{"customer": "shop", "region": "TW"}],
    "demand": [{"customer": "shop", "item": "unit", "quantity": 10, "price": 100}],
    "lanes": [{"from": "plant", "to": "shop"}],
}

TWO_PLANTS = {
    "sites": [
        {"site": "east", "region": "TW", "operator": "one", "cluster": "fault"},
        {"site": "west", "region": "US", "operator": "two"},
    ],
    "processes": [{"site": "east", "item": "unit", "unit_cost": 1}, {"site": "west", "item": "unit", "unit_cost": 3}],
    "lanes": [{"from": "east", "to": "shop"}, {"from": "west", "to": "shop"}],
}

# For `two_plants`: a priced commitment, a bought option, late and lost units, stock, tariffs, so that every table has rows.
EVERY_TABLE = {
    "periods": ["P1", "P2"],
    "customers": [{"customer": "shop", "region": "US"}],
    "items": [{"item": "unit", "stage": "make", "value": 10, "holding_cost": 0.5}],
    "processes": [
        {"site": "east", "item": "unit", "unit_cost": 2, "yield": 0.5},
        {"site": "west", "item": "unit", "unit_cost": 9},
    ],
    "capacities": [
        {"site": "east", "period": "P1", "capacity": 24},
        {"site": "east", "period": "P2", "capacity": 10},
        {"site": "west", "capacity": 1},
    ],
    "demand": [
        {"customer": "shop", "item": "unit", "period": "P1", "quantity": 20, "price": 100, "late_cost": 1},
        {"customer": "shop", "item": "unit", "period": "P2", "quantity": 9, "price": 50, "lost_cost": 60},
    ],
    "lanes": [{"from": "east", "to": "shop", "unit_cost": 1}, {"from": "west", "to": "shop", "unit_cost": 1}],
    "lane_capacities": [{"from": "east", "to": "shop", "period": "P1", "capacity": 10}],
    "tariffs": [{"from_region": "TW", "to_region": "US", "rate": 0.2}],
    "commitments": [{"commitment": "deal", "site": "east", "item": "unit", "minimum": 30, "shortfall_cost": 3}],
    "expansions": [{"option": "line", "site": "east", "period": "P2", "capacity": 8, "unit_cost": 1}],
}


_instances = {}


def loaded(mapping):
    """`planner.load_instance` of a mapping; once for equal mappings, since an instance does not change."""
    key = repr(mapping)
    if key not in _instances:
        _instances[key] = planner.load_instance(mapping)
    return _instances[key]


def toy(**tables):
    """The toy chain, with some tables or settings replaced."""
    return loaded({**TOY, **tables})


def toy_in_lots():
    """The toy chain, some of its processes in lots."""
    lots = [(row, LOTS.get((row["site"], row.get("recipe", "standard")))) for row in TOY["processes"]]
    return toy(processes=[{**row, "min_lot": lot} if lot else row for row, lot in lots])


def tiny(**tables):
    """One plant, one shop, an order of 10 at a price of 100 and a cost of 1; with some tables replaced."""
    return loaded({**TINY, **tables})


def two_plants(**tables):
    """`tiny` with a plant in TW at a cost of 1 and one in the US at 3."""
    return tiny(**{**TWO_PLANTS, **tables})


def policy(*limits, **fields):
    """A policy with these limits; `name` defaults to l1, l2, ... and `measure` to stage."""
    named = [{"name": f"l{number}", "measure": "stage", **limit} for number, limit in enumerate(limits, 1)]
    return Policy.model_validate({"name": "p", "limits": named, **fields})


def scenario(*changes):
    """A scenario of these changes."""
    return Scenario.model_validate({"name": "s", "changes": list(changes)})


def _key(instance, chosen):
    content = json.dumps(instance.as_mapping(), sort_keys=True)
    return content, chosen if chosen is None or isinstance(chosen, str) else chosen.model_dump_json()


def _remembered(kept, instance, chosen, make):
    key = _key(instance, chosen)
    if key not in kept:
        kept[key] = make()
    return kept[key]


_networks, _programs, _plans, _costs, _undisturbed = {}, {}, {}, {}, {}


def network(instance, chosen=None):
    """`build_network`, once for equal instances and policies."""
    chosen = instance.policy(chosen) if isinstance(chosen, str) else chosen
    return _remembered(_networks, instance, chosen, lambda: build_network(instance, chosen))


def program(instance, chosen=None):
    """`formulate`, once for equal instances and policies; do not change what it returns."""
    return _remembered(_programs, instance, chosen, lambda: write_program(network(instance, chosen)))


def solve(instance, policy=None):
    """`planner.solve` of the program, once for equal instances and policies."""
    return _remembered(_plans, instance, policy, lambda: planner.solve(program(instance, policy)))


def undisturbed(instance, chosen=None):
    """`Undisturbed.of`, once for equal instances and policies; do not change what it holds."""
    return _remembered(_undisturbed, instance, chosen, lambda: Undisturbed.of(instance, chosen))


def figure(number):
    """A number as people write it: no trailing zeros, no -0."""
    return f"{number + 0.0:.9g}"


def _said(program, keys, labels):
    """Labels as text: periods by their label, what units have touched in braces."""
    periods = program.network.labels
    said = []
    for key, value in zip(keys, labels, strict=True):
        if key in {"touched", "as"}:
            said.append(f"{{{value}}}")
        else:
            said.append(periods[int(value)] if key == "period" and not isinstance(value, str) else str(value))
    return ", ".join(said)


def row_name(program, row):
    """A row as `family[label, ...]` with period labels; a balance by class ends in what it is of, as `{TW}`."""
    name, labels = program.row_label(row)
    return f"{name}[{_said(program, program.family_rows(name)[1].labels.columns, labels)}]"


def row_words(program, row):
    """The sentence that says what a row means to a planner."""
    return one_sentence_each([row_line(program, row)], label_order(program.network), Amounts())[0]


def column_name(program, column):
    """A column as `block[label, ...]`; where it is split by class it ends in what its units have touched, as `{TW}`."""
    name, labels = program.column_label(column)
    return f"{name}[{_said(program, getattr(program, name).keys, labels)}]"


def rows_of(program, family):
    """The rows of a family as text, one a row, in labels."""
    matrix = program.matrix()
    start, rows = program.family_rows(family)
    sense = {"==": "=", "<=": "<=", ">=": ">="}[rows.family.sense]
    lines = []
    for row in range(start, start + len(rows)):
        entries = {}
        for column, value in zip(matrix.column[matrix.row == row], matrix.coefficient[matrix.row == row], strict=True):
            entries[int(column)] = entries.get(int(column), 0.0) + float(value)
        left = ""
        for column in sorted(entries):
            value = entries[column]
            sign = ("-" if value < 0 else "") if not left else (" - " if value < 0 else " + ")
            size = "" if abs(value) == 1 else figure(abs(value)) + " "
            left += sign + size + column_name(program, column)
        side = matrix.upper[row] if np.isfinite(matrix.upper[row]) else matrix.lower[row]
        lines.append(f"{row_name(program, row)}: {left or '0'} {sense} {figure(side)}")
    return lines


def point(program, **blocks):
    """The value of every column; each block is {label: value}, everything else 0."""
    values = np.zeros(program.columns)
    for name, figures in blocks.items():
        block = getattr(program, name)
        labels = block.labels()
        for label, value in figures.items():
            values[block.first + labels.index(label)] = value
    return values


def broken(program, values, tolerance=1e-9):
    """The names of the rows and bounds that a point violates."""
    matrix = program.matrix()
    activity = matrix.activity(values)
    bad = (activity < matrix.lower - tolerance) | (activity > matrix.upper + tolerance)
    names = [row_name(program, int(row)) for row in np.flatnonzero(bad)]
    numbers = program.numbers
    out = (values < numbers.lower - tolerance) | (values > numbers.upper + tolerance)
    return names + [column_name(program, int(column)) for column in np.flatnonzero(out)]


def row_number(program, family, *labels):
    """The position of a row by the labels of its name, e.g. row_number(p, "capacity", "plant", "plant", "1")."""
    wanted = f"{family}[{', '.join(labels)}]"
    return next(row for row in range(program.rows) if row_name(program, row) == wanted)


def least_cost(program, shift=None, fixed=None):
    """The optimum of a program's matrix, written anew for HiGHS; None where there is no plan.

    Args:
        program: what to solve.
        shift: {row: what is added to both its sides}.
        fixed: {column: value} for columns that are held.
    """
    matrix, numbers = program.matrix(), program.numbers
    row_lower, row_upper = matrix.lower.copy(), matrix.upper.copy()
    for row, amount in (shift or {}).items():
        row_lower[row] += amount
        row_upper[row] += amount
    lower, upper, integer = numbers.lower.copy(), numbers.upper.copy(), program.integer.copy()
    for column, value in (fixed or {}).items():
        lower[column] = upper[column] = value
        integer[column] = False
    highs = highspy.Highs()
    highs.silent()
    highs.setOptionValue("threads", 1)  # one number of threads in a process: HiGHS keeps the first
    for column in range(program.columns):
        highs.addCol(numbers.cost[column], lower[column], upper[column], 0, np.zeros(0, np.int32), np.zeros(0))
        if integer[column]:
            highs.changeColIntegrality(column, highspy.HighsVarType.kInteger)
    for row in range(len(row_lower)):
        at = matrix.row == row
        entries = {}
        for column, value in zip(matrix.column[at], matrix.coefficient[at], strict=True):
            entries[int(column)] = entries.get(int(column), 0.0) + float(value)
        highs.addRow(
            row_lower[row],
            row_upper[row],
            len(entries),
            np.array(list(entries), dtype=np.int32),
            np.array(list(entries.values())),
        )
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return float(highs.getObjectiveValue())


def cost(instance, chosen=None):
    """The least cost of an instance under a policy, from its matrix alone."""
    return _remembered(_costs, instance, chosen, lambda: least_cost(program(instance, chosen)))


def cost_of(plan, component):
    """A cost component of a plan."""
    return float(plan.costs.set_index("component")["amount"][component])


def choke(plan, kind, **labels):
    """One row of a plan's choke points."""
    table = plan.choke_points
    at = table["kind"] == kind
    for name, value in labels.items():
        at &= table[name] == value
    assert at.sum() == 1, table
    return table[at].iloc[0]
