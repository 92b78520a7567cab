"""Options far larger than what can be used of them: none is bought a millionth of, and words say what happened."""

from pathlib import Path

import pytest
import toys
from click.testing import CliRunner
from portions import portion

import planner
from planner.cli.main import cli

FOUND = Path(__file__).parent


@pytest.mark.parametrize(
    ("name", "cost", "delivered"),
    [
        ("option-far-larger-than-orders", 500, 0),
        ("option-wrong-plan", 1_000_050, 50),
        ("option-uncapped", 280, 100),  # t alone: 100 + 40 x 3 + 60 x 1
    ],
)
@pytest.mark.parametrize("solver", ["HiGHS", "scip"])
def test_an_option_is_bought_whole_or_not_at_all(name, cost, delivered, solver):
    plan = planner.solve(FOUND / f"{name}.yaml", solver=solver)
    assert plan.status == "optimal"
    assert plan.objective == pytest.approx(cost, rel=1e-12)
    assert plan.service["delivered"].sum() == delivered
    assert plan.certificate.passed


def test_the_option_that_is_bought_has_its_whole_fixed_cost():
    plan = planner.solve(FOUND / "option-wrong-plan.yaml")
    costs = plan.costs.set_index("component")["amount"]
    assert costs["expansion"] == 1_000_000
    assert costs["lost_sales"] == 0


@pytest.mark.parametrize(
    "name", portion(["option-far-larger-than-orders", "option-wrong-plan", "option-uncapped"], quick=2)
)
def test_no_limit_is_spoken_of_where_none_was_set(name, tmp_path):
    result = CliRunner().invoke(cli, ["solve", str(FOUND / f"{name}.yaml"), "--out", str(tmp_path / "run")])
    assert result.exit_code == 0
    assert "limit was reached" not in result.output.lower()
    assert "optimal" in result.output


@pytest.mark.parametrize("existing", portion([1e6, 1e8, 1e10], quick=1))
@pytest.mark.parametrize("whole", [True, False])
def test_a_small_part_of_a_large_demand_does_not_buy_an_option(existing, whole):
    """Five units more than there is capacity for: at 100 each they do not pay for an option of a million."""
    option = {"option": "line", "site": "s", "period": "1", "capacity": 1e9, "fixed_cost": 1e6}
    plan = planner.solve(
        planner.load_instance(
            {
                "name": "a-few-more",
                "stock": "listed",
                "sites": [{"site": "s", "region": "A"}],
                "items": [{"item": "x", "stage": "make"}],
                "customers": [{"customer": "c", "region": "A"}],
                "lanes": [{"from": "s", "to": "c"}],
                "processes": [{"site": "s", "item": "x", "unit_cost": 1}],
                "capacities": [{"site": "s", "capacity": existing}],
                "expansions": [{**option, "all_or_nothing": "yes" if whole else "no"}],
                "demand": [{"customer": "c", "item": "x", "quantity": existing + 5, "price": 100}],
            }
        )
    )
    assert plan.status == "optimal"
    assert plan.objective == pytest.approx(existing + 500, rel=1e-12)
    assert plan.service["lost"].sum() == pytest.approx(5, rel=1e-6)


@pytest.mark.parametrize("bought", [0.4, 1.0])
def test_what_is_bought_already_stays_bought_however_little_is_used_of_it(bought):
    """Of an option of 1,000 no more than some 20 can be used for an order of 10; its fixed cost is paid, once."""
    option = {"option": "line", "site": "plant", "period": "1", "capacity": 1000, "unit_cost": 2, "fixed_cost": 50}
    capacities = [{"site": "plant", "capacity": 4}]
    plan = planner.solve(toys.tiny(capacities=capacities, expansions=[{**option, "bought": bought}]))
    assert plan.status == "optimal"
    assert plan.objective == pytest.approx(10 * 1 + 1000 * bought * 2 + 50)
    assert plan.service["delivered"].sum() == pytest.approx(10)


@pytest.mark.filterwarnings("error")
def test_an_option_beside_what_earns_without_a_limit():
    """What earns and takes nothing of the line was needed without end, 0 times infinity; numpy warned on stderr."""
    line = {"site": "plant", "resource": "line"}
    instance = toys.tiny(
        items=[{"item": "unit", "stage": "make"}, {"item": "other", "stage": "make"}],
        processes=[
            {**line, "item": "unit", "unit_cost": 1},
            {**line, "item": "other", "unit_cost": -1, "capacity_use": 0},
        ],
        stocks=[{"site": "plant", "item": "other", "maximum": 5}],
        capacities=[{**line, "capacity": 6}],
        expansions=[
            {**line, "option": "more", "period": "1", "capacity": 1e9, "fixed_cost": 3, "all_or_nothing": "yes"}
        ],
        demand=[{"customer": "shop", "item": "unit", "quantity": 10, "price": 100}],
    )
    assert planner.formulate(instance).network.expand_capacity["usable"].tolist() == [20]
    assert planner.solve(instance).objective == pytest.approx(10 + 3 - 5)
