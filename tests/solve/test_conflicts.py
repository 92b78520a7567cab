"""Conflicts: they are conflicts, none of their rows is too many, and they read well on a calendar."""

import itertools
import json
import time
from pathlib import Path

import highspy
import numpy as np
import pytest
import toys
from portions import portion, portion_of_rows

import planner
from planner.cli.main import main
from planner.instance.policy import Policy
from planner.solve import explain_infeasibility
from planner.solve.algorithms import Algorithm
from planner.solve.elastic import BOUNDED, ElasticModel
from planner.solve.tightest import tightest

ACCELERATORS = Path(__file__).parents[2] / "instances" / "accelerators"
BY_NATURE = {  # rows that nobody can break, written down here apart from what their families say
    "expansion_open",
    "stage_total",
    "pathway_total",
    "source_use",
    "lot_use",
    "cancel_owed",
    "received_balance",
}
QUARTERS = {"first": "2027Q1", "count": 8, "length": "quarter"}
MUST = [{"customer": "shop", "item": "unit", "quantity": 10, "price": 100, "must_serve": 1}]


def calendar(**tables):
    """Eight quarters, two lines for two products, three customers who must be served: 24 a quarter of 20."""
    customers, items = ("cloud", "lab", "state"), ("ctl", "npu")
    rows = {
        "name": "calendar",
        "periods": QUARTERS,
        "stock": "listed",
        "sites": [{"site": "north", "region": "TW"}, {"site": "south", "region": "US"}],
        "items": [{"item": item, "stage": "make"} for item in items],
        "processes": [
            {"site": site, "item": item, "unit_cost": 1, "resource": "line"}
            for site in ("north", "south")
            for item in items
        ],
        "capacities": [{"site": "north", "resource": "line", "capacity": 12}, {"site": "south", "resource": "line", "capacity": 8}],
        "customers": [{"customer": customer, "region": "US"} for customer in customers],
        "demand": [
            {"customer": customer, "item": item, "quantity": 4, "lost_cost": 50, "must_serve": 1}
            for customer, item in itertools.product(customers, items)
        ],
        "lanes": [{"from": site, "to": customer} for site in ("north", "south") for customer in customers],
    }  # fmt: skip
    return planner.load_instance({**rows, **tables})


def without(program, kept, dropped=None):
    """Whether there is a plan with the balances, and of all that can be named the rules of `kept` but one."""
    matrix, numbers = program.matrix(), program.numbers
    row_lower, row_upper = matrix.lower.copy(), matrix.upper.copy()
    lower, upper = numbers.lower.copy(), numbers.upper.copy()
    wanted = {(rule.row, rule.column, rule.most) for rule in kept if rule is not dropped}
    for start, rows in zip(program.row_starts, program.families, strict=True):
        blamed = rows.family.can_be_blamed(rows.right)
        for row in range(start, start + len(rows)):
            balance = not blamed[row - start]
            row_lower[row] = row_lower[row] if balance or (row, -1, False) in wanted else -np.inf
            row_upper[row] = row_upper[row] if balance or (row, -1, True) in wanted else np.inf
    for block in program.blocks:
        for column in range(block.first, block.first + len(block)):
            if block.spec.name in BOUNDED:
                lower[column] = lower[column] if (-1, column, False) in wanted else 0.0
                upper[column] = upper[column] if (-1, column, True) in wanted else np.inf
            elif block.spec.name == "open":
                upper[column] = np.inf
    highs = highspy.Highs()
    highs.silent()
    highs.setOptionValue("threads", 1)
    nothing = np.zeros(0)
    for column in range(program.columns):
        highs.addCol(0.0, lower[column], upper[column], 0, nothing.astype(np.int32), nothing)
    for row in range(program.rows):
        at = matrix.row == row
        columns, position = np.unique(matrix.column[at], return_inverse=True)
        values = np.bincount(position, weights=matrix.coefficient[at], minlength=len(columns)).astype(float)
        highs.addRow(row_lower[row], row_upper[row], len(columns), columns.astype(np.int32), values)
    highs.run()
    status = highs.getModelStatus()
    assert status in {highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible}
    return status == highspy.HighsModelStatus.kOptimal


WITHOUT_PLAN = {
    "orders and a capacity": (toys.tiny(demand=MUST, capacities=[{"site": "plant", "capacity": 6}]), None),
    "two lines": (calendar(), None),
    "two lines and stock": (calendar(stock="anywhere"), None),
    "one order is too much": (
        toys.two_plants(
            customers=[{"customer": "shop", "region": "TW"}, {"customer": "mart", "region": "US"}],
            lanes=[{"from": "west", "to": "shop"}, {"from": "east", "to": "mart"}],
            demand=[*MUST, {**MUST[0], "customer": "mart"}],
            capacities=[{"site": "west", "capacity": 6}, {"site": "east", "capacity": 60}],
        ),
        None,
    ),
    "a cap": (
        toys.two_plants(demand=MUST, capacities=[{"site": "west", "capacity": 1}]),
        toys.policy({"stage": "make", "of": "TW", "max_share": 0.6}),
    ),
    "a floor that orders are too small for": (
        toys.two_plants(
            items=[{"item": "unit", "stage": "make"}, {"item": "other", "stage": "make"}],
            processes=[{"site": "east", "item": "unit"}, {"site": "west", "item": "other"}],
            demand=[{**MUST[0], "must_serve": 0}, {**MUST[0], "item": "other", "must_serve": 0}],
        ),
        toys.policy({"measure": "pathway", "of": "TW", "min_free": 0.7}),
    ),
    "a minimum": (
        toys.tiny(capacities=[{"site": "plant", "capacity": 6}], stocks=[{"site": "plant", "item": "unit", "minimum": 8}]),
        None,
    ),
    "an option": (
        toys.tiny(
            demand=MUST,
            capacities=[{"site": "plant", "capacity": 1}],
            expansions=[{"option": "line", "site": "plant", "period": "1", "capacity": 2, "fixed_cost": 1}],
        ),
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", portion(WITHOUT_PLAN, quick=4))
@pytest.mark.parametrize("algorithm", portion([Algorithm.SIMPLEX, Algorithm.INTERIOR_POINT], quick=1))
def test_a_conflict_is_one_and_none_of_its_rules_is_too_many(name, algorithm):
    program = toys.program(*WITHOUT_PLAN[name])
    found = tightest(ElasticModel(program), algorithm)
    assert not without(program, found.rules)
    for rule in found.rules:
        assert without(program, found.rules, rule), rule


def test_a_program_with_a_plan_has_no_conflict():
    assert tightest(ElasticModel(toys.program(toys.toy())), Algorithm.SIMPLEX) is None


@pytest.mark.parametrize("bought", [0, 0.5])
def test_no_policy_can_allow_an_option_that_is_decided(bought):
    """That it was not bought is a figure of the instance: to allow it in a policy would change nothing."""
    decided = {"option": "line", "site": "plant", "period": "1", "capacity": 2, "bought": bought}
    program = toys.program(
        toys.tiny(demand=MUST, capacities=[{"site": "plant", "capacity": 1}], expansions=[decided]), None
    )
    found = explain_infeasibility(program)
    assert found.summary == [
        "All of the order of 10 unit for shop in 1 must be served.",
        "The resource plant has 1 in 1.",
    ]
    assert [part["text"] for part in found.repair] == [
        f"raise the capacity of plant in 1 from 1 to {10 - 2 * bought:g}",
        f"allow {9 - 2 * bought:g} unit of shop in 1 to be lost (must_serve {(1 + 2 * bought) / 10:g})",
    ]


@pytest.mark.parametrize(("capacity", "helps"), [(9, True), (8, False)])
def test_to_allow_an_option_helps_where_the_whole_of_it_is_enough(capacity, helps):
    """10 are ordered, and 1 can be made without it: an allowed option is bought once, not as often as one likes."""
    option = {"option": "line", "site": "plant", "period": "1", "capacity": capacity}
    instance = toys.tiny(demand=MUST, capacities=[{"site": "plant", "capacity": 1}], expansions=[option])
    found = explain_infeasibility(toys.program(instance, toys.policy(options=[])))
    assert ("allow the option line" in [part["text"] for part in found.repair]) == helps


def test_what_is_owed_where_no_lane_leads_can_only_be_taken_back():
    """It must be delivered, and no lane leads to whom it is owed; a plan of it is refused before."""
    customers = [{"customer": "shop", "region": "TW"}, {"customer": "mart", "region": "US"}]
    owed = [{"customer": "mart", "item": "unit", "quantity": 3}]
    found = explain_infeasibility(toys.program(toys.two_plants(customers=customers, owed=owed), None))
    assert found.summary == ["mart is owed 3 unit from before."]
    assert [part["text"] for part in found.repair] == ["lower what mart is owed of unit from 3 to 0"]


class TestOnACalendar:
    def test_orders_and_capacities_are_gathered(self):
        """Any quarter is one too many; the first is named, and no other."""
        found = explain_infeasibility(planner.formulate(calendar(stock="anywhere")))
        assert found.summary == [
            "All orders of ctl and npu for cloud, lab and state in 2027Q1 must be served: 24 in all.",
            "The resource line at north has 12 in 2027Q1.",
            "The resource line at south has 8 in 2027Q1.",
        ]

    def test_a_wall_of_rows_becomes_a_few_lines(self):
        """The larger order of the last quarter is out of reach even with everything that was saved up."""
        demand = [
            {
                "customer": customer,
                "item": item,
                "quantity": 3,
                "lost_cost": 50,
                "must_serve": 1,
                "period": "2027Q1..2028Q3",
            }
            for customer, item in itertools.product(("cloud", "lab", "state"), ("ctl", "npu"))
        ]
        demand += [{**row, "quantity": 8, "period": "2028Q4"} for row in demand]
        found = explain_infeasibility(planner.formulate(calendar(stock="anywhere", demand=demand)))
        assert len(found.conflict) == 2 * 48 + 2 * 8
        assert found.summary == [
            "All orders of ctl and npu for cloud, lab and state in 2027Q1..2028Q4 must be served: 174 in all.",
            "The resource line at north has 12 a period in 2027Q1..2028Q4.",
            "The resource line at south has 8 a period in 2027Q1..2028Q4.",
        ]
        texts = [part["text"] for part in found.repair]
        assert any(text.startswith("raise the capacity of line at north in ") for text in texts)
        assert all(len(part["rows"]) >= 1 for part in found.repair)
        assert [part["cost"] for part in found.repair] == sorted(part["cost"] for part in found.repair)

    def test_every_row_stands_in_json_and_behind_all(self, tmp_path, capsys, monkeypatch):
        monkeypatch.setenv("COLUMNS", "200")
        instance = calendar()
        file = tmp_path / "calendar.json"
        file.write_text(json.dumps(instance.as_mapping()))

        def run(*words):
            with pytest.raises(SystemExit) as left:
                main(["solve", str(file), *words, "--no-store"])
            assert left.value.code == 3
            return capsys.readouterr()

        said = json.loads(run("--json").out)
        assert len(said["conflict"]) == 6 * 2 + 2
        assert set(said["repair"][0]) == {"text", "cost", "rows"}
        short, long = run().err, run("--all").err
        assert "  - cloud orders 4 ctl in " not in short
        assert all(f"  - {sentence}" in long for sentence in said["conflict"])


class TestFigures:
    """Digits until the difference shows."""

    @pytest.mark.parametrize(
        ("capacity", "said"), portion_of_rows([(99.9999, "99.9999"), (99.99, "99.99"), (60, "60")], quick=1)
    )
    def test_what_is_nearly_enough(self, capacity, said):
        demand = [{**MUST[0], "quantity": 100}]
        found = explain_infeasibility(
            planner.formulate(toys.tiny(demand=demand, capacities=[{"site": "plant", "capacity": capacity}]))
        )
        assert "shop orders 100 unit in 1." in found.conflict
        assert f"The resource plant has {said} in 1." in found.conflict
        texts = [part["text"] for part in found.repair]
        assert f"raise the capacity of plant in 1 from {said} to 100" in texts

    def test_what_is_nearly_enough_for_a_sum(self):
        instance = toys.two_plants(
            customers=[{"customer": "shop", "region": "TW"}, {"customer": "mart", "region": "US"}],
            lanes=[{"from": "west", "to": "shop"}, {"from": "west", "to": "mart"}],
            demand=[{**MUST[0], "quantity": 60.0001}, {**MUST[0], "customer": "mart", "quantity": 40}],
            capacities=[{"site": "west", "capacity": 100}],
        )
        found = explain_infeasibility(planner.formulate(instance))
        assert found.summary == [
            "All orders of unit for mart and shop in 1 must be served: 100.0001 in all.",
            "The resource west has 100 in 1.",
        ]
        assert "shop orders 60.0001 unit in 1." in found.conflict

    def test_a_share_that_is_nearly_enough(self):
        instance = toys.two_plants(demand=MUST, capacities=[{"site": "west", "capacity": 1}])
        policy = toys.policy({"stage": "make", "of": "TW", "max_share": 0.899999})
        texts = [part["text"] for part in explain_infeasibility(planner.formulate(instance, policy)).repair]
        assert "raise the make cap of TW (l1) in 1 from 89.9999 % to 90 %" in texts


class TestWhatIsLeast:
    """What counts as least: each change beside the size of its figure, then the cost of the plan, then the labels."""

    def repair(self, instance, word, policy=None):
        repair = explain_infeasibility(planner.formulate(instance, policy)).repair
        (text,) = [part["text"] for part in repair if word in part["text"]]
        return text

    def test_a_closed_line_is_opened_last(self):
        """East has 6 of 10, west nothing: 4 more are two thirds of the one, and no share at all of the other."""
        capacities = [{"site": "east", "capacity": 6}, {"site": "west", "capacity": 0}]
        instance = toys.two_plants(demand=MUST, capacities=capacities, processes=[
            {"site": "east", "item": "unit", "unit_cost": 9}, {"site": "west", "item": "unit", "unit_cost": 1}])  # fmt: skip
        assert self.repair(instance, "capacity") == "raise the capacity of east in 1 from 6 to 10"

    @pytest.mark.parametrize("unit", portion([1e-4, 1.0, 1e5], quick=1))
    def test_units_do_not_matter(self, unit):
        """The same in pieces, in crates of 10,000, or in hundred-thousandths."""
        instance = toys.two_plants(
            demand=[{**MUST[0], "quantity": 10 / unit, "price": 100 * unit}],
            processes=[
                {"site": site, "item": "unit", "unit_cost": cost * unit, "capacity_use": unit}
                for site, cost in (("east", 1), ("west", 3))
            ],
            capacities=[{"site": "east", "capacity": 4}, {"site": "west", "capacity": 5}],
        )
        assert self.repair(instance, "capacity") == "raise the capacity of west in 1 from 5 to 6"
        assert " unit of shop in 1 to be lost (must_serve 0.9)" in self.repair(instance, "lost")

    def test_of_equal_changes_the_plan_that_costs_least(self):
        """An order of 10 each in two places, 15 in all: what costs more to bring is lost."""
        instance = toys.tiny(
            customers=[{"customer": name, "region": "TW"} for name in ("near", "far")],
            demand=[{**MUST[0], "customer": name} for name in ("near", "far")],
            lanes=[{"from": "plant", "to": "near"}, {"from": "plant", "to": "far", "unit_cost": 7}],
            capacities=[{"site": "plant", "capacity": 15}],
        )
        assert self.repair(instance, "lost") == "allow 5 unit of far in 1 to be lost (must_serve 0.5)"

    @pytest.mark.slow
    def test_of_equal_plans_the_same_one_always(self):
        names = [f"c{number}" for number in range(5)]

        def instance(order):
            return toys.tiny(
                customers=[{"customer": name, "region": "TW"} for name in order],
                demand=[{**MUST[0], "customer": name} for name in order],
                lanes=[{"from": "plant", "to": name} for name in order],
                capacities=[{"site": "plant", "capacity": 45}],
            )

        first = explain_infeasibility(planner.formulate(instance(names)), algorithm=Algorithm.SIMPLEX)
        for order, algorithm in ((names[::-1], Algorithm.SIMPLEX), (names, Algorithm.INTERIOR_POINT)):
            assert explain_infeasibility(planner.formulate(instance(order)), algorithm=algorithm) == first
        assert len([part for part in first.repair if "lost" in part["text"]]) == 1


def test_no_more_than_an_order_is_lost():
    """Late units can be lost too, but of an order of 4 never more than 4: both orders take part."""
    demand = [
        {
            "customer": "shop",
            "item": "unit",
            "quantity": quantity,
            "period": period,
            "lost_cost": 9,
            "late_cost": 1,
            "must_serve": 1,
        }
        for period, quantity in (("P1", 20), ("P2", 4))
    ]
    instance = toys.tiny(periods=["P1", "P2"], demand=demand, capacities=[{"site": "plant", "capacity": 6}])
    (part,) = [part for part in explain_infeasibility(planner.formulate(instance)).repair if "lost" in part["text"]]
    assert part["rows"] == ["allow 12 unit of shop in P1 to be lost (must_serve 0.4)"]


def test_in_a_scenario_it_says_whose_figures_they_are():
    instance = toys.tiny(demand=MUST, capacities=[{"site": "plant", "capacity": 12}])
    half = toys.scenario({"change": "capacity", "where": {"site": "plant"}, "factor": 0.5})
    with pytest.raises(planner.InfeasibleError) as caught:
        planner.solve(instance, scenario=half)
    assert "(figures as the scenario s leaves them):\n  - raise the capacity of plant in 1 from 6 to 10" in str(
        caught.value
    )


def test_a_time_limit_that_is_over_is_said():
    found = explain_infeasibility(toys.program(*WITHOUT_PLAN["orders and a capacity"]), deadline=0.0)
    assert found.conflict == ["No plan exists; the time was up before it was found what cannot hold together."]
    assert found.repair == []


@pytest.mark.slow
def test_on_the_shipped_instance_a_cap_that_cannot_hold():
    """Everything must be served with at most half of the packaging in Taiwan: 693 rows, said in 13 lines."""
    mapping = planner.load_instance(ACCELERATORS).as_mapping()
    mapping["demand"] = [{**row, "must_serve": 1} for row in mapping["demand"]]
    limit = {
        "name": "pack-tw",
        "measure": "stage",
        "stage": "packaging",
        "of": "TW",
        "max_share": 0.5,
        "period": "2027Q1..",
    }
    policy = Policy.model_validate({"name": "half", "limits": [limit]})
    begun = time.process_time()
    found = explain_infeasibility(planner.formulate(planner.load_instance(mapping), policy))
    assert time.process_time() - begun < 60  # a third of it is usual; it was 50 to 140
    assert len(found.conflict) > 300
    assert len(found.summary) <= 20
    assert any(text.startswith("The limit pack-tw allows TW at most 50 % of packaging in ") for text in found.summary)
    assert any(text.startswith("All orders of b300, rubin and trn3 for amazon in ") for text in found.summary)
    starts = ["raise the packaging cap of TW (pack-tw) in ", "raise the capacity of ", "allow "]
    assert [part["text"].startswith(start) for part, start in zip(found.repair, starts, strict=True)] == [True] * 3
    assert [part["cost"] for part in found.repair] == sorted(part["cost"] for part in found.repair)
    assert all(len(part["rows"]) > 1 for part in found.repair)
