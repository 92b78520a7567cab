"""An instance written in another way is the same program: windows, wide rows and changes taken apart row by row."""

import numpy as np
import pytest
from oracle.calendar import Calendar
from oracle.crossed import crossed, crossed_cases
from oracle.wide import cases, wide
from portions import portion

import planner

WINDOWED = ("processes", "capacities", "demand", "lanes", "lane_capacities", "arrivals", "outages", "expansion_factors")
DRAWS = {"wide": (wide, cases), "crossed": (crossed, crossed_cases)}
SEEDS = [(name, seed) for seed in range(3000, 3040) for name in DRAWS]


def window(labels, text):
    """The labels in a window as tables write it."""
    if text == "*":
        return list(labels)
    first, between, last = text.partition("..")
    start = labels.index(first) if first else 0
    stop = labels.index(last) if last else len(labels) - 1
    return list(labels[start : (stop if between else start) + 1])


def a_row_a_period(mapping, labels):
    """Rows of a window as one row for each period of it."""

    def split(rows):
        return [{**row, "period": label} for row in rows for label in window(labels, row.get("period", "*"))]

    return {**mapping, **{name: split(mapping[name]) for name in WINDOWED if name in mapping}}


def a_change_a_period(mapping, labels):
    """Changes of a window, but those that recover after it, as one change for each period of it."""

    def split(changes):
        for change in changes:
            if change["change"] == "stock" or change.get("recovery"):
                yield change
            else:
                yield from ({**change, "period": label} for label in window(labels, change.get("period", "*")))

    return {**mapping, "scenarios": [{**part, "changes": [*split(part["changes"])]} for part in mapping["scenarios"]]}


def a_row_a_recipe(mapping, _labels):
    """Components of every recipe as one row for each recipe that has no row of its own."""
    own = {(row["item"], row["component"], row.get("recipe", "*")) for row in mapping.get("components", [])}
    found = []
    for row in mapping.get("components", []):
        made = {part.get("recipe", "standard") for part in mapping["processes"] if part["item"] == row["item"]}
        wide_row = row.get("recipe", "*") == "*" and made
        recipes = sorted(name for name in made if (row["item"], row["component"], name) not in own)
        found += [{**row, "recipe": name} for name in recipes] if wide_row else [row]
    return {**mapping, "components": found} if found else mapping


def a_duty_a_border(mapping, labels):
    """Duties as one row for each pair of regions, item and period, the most exact of those that there are."""
    groups = mapping.get("region_groups") or {}
    regions = sorted({row["region"] for row in [*mapping["sites"], *mapping["customers"]]})

    def exact(name, region):
        return 2 if name == region else 1 if region in groups.get(name, ()) else 0 if name == "*" else None

    found = []
    for start in regions:
        for stop in regions:
            for item in (row["item"] for row in mapping["items"]):
                for label in labels:
                    known = []
                    for row in mapping.get("tariffs", []):
                        ends = exact(row["from_region"], start), exact(row["to_region"], stop)
                        inside = None in ends or (start == stop and min(ends) < 2)
                        meant = row.get("item", "*") in {"*", item} and label in window(labels, row.get("period", "*"))
                        if meant and not inside:
                            known.append((*ends, row.get("item", "*") != "*", row["rate"]))
                    if known:
                        found.append(
                            {"from_region": start, "to_region": stop, "item": item, "period": label}
                            | {"rate": max(known)[-1]}
                        )
    rest = {name: value for name, value in mapping.items() if name != "tariffs"}
    return {**rest, "tariffs": found} if found else rest


WAYS = (a_row_a_period, a_change_a_period, a_row_a_recipe, a_duty_a_border)


def program(instance, case):
    """Every number of the program of a case; the refusal where there is one."""
    try:
        found = planner.formulate(instance, *case)
    except planner.InstanceError as error:
        return sorted(problem.message for problem in error.problems)
    except planner.UsageError as error:  # what can be started without a bound, where a decision of 0 or 1 needs one
        return [str(error)]
    matrix, numbers = found.matrix(), found.numbers
    parts = (numbers.cost, numbers.lower, numbers.upper, matrix.lower, matrix.upper)
    return [*parts, matrix.row, matrix.column, matrix.coefficient]


@pytest.mark.parametrize("drawn", portion(SEEDS, quick=1))
def test_the_program_is_the_same(drawn):
    name, seed = drawn
    draw, asked = DRAWS[name]
    mapping = draw(seed)
    try:
        instance = planner.load_instance(mapping)
    except planner.InstanceError:
        return
    labels = Calendar(mapping["periods"]).labels
    for case in asked(mapping):
        same = program(instance, case)
        for way in WAYS:
            other = program(planner.load_instance(way(mapping, labels)), case)
            assert len(other) == len(same), way.__name__
            for one, two in zip(same, other, strict=True):
                if isinstance(one, str):
                    assert two == one, way.__name__
                else:
                    np.testing.assert_allclose(two, one, rtol=1e-12, atol=0, err_msg=way.__name__)


def test_some_draws_are_read():
    """The others would show nothing."""
    read = 0
    for name, seed in SEEDS[:4]:
        read += planner.check_instance(DRAWS[name][0](seed)).instance is not None
    assert read >= 2
