"""The oracle itself: published optima, and the shipped instances under every policy and scenario."""

from pathlib import Path

import pytest
from portions import portion_of_rows

import planner
from oracle import files
from oracle.answer import least_cost

ROOT = Path(__file__).parents[2]
PUBLISHED = {
    "gams_trnsport/instance.yaml": 153.675,
    "ampl_transp/instance.yaml": 196_200,
    "ampl_multi/instance.yaml": 199_500,
    "ortools_mincostflow/instance.yaml": 150,
    "williams_distribution1/instance.yaml": 198_500,
    "ampl_dist3": 1_468_337.447,
    "psm_memory_allocation/lp.yaml": 7101.74,
    "whatif_netflow/instance.yaml": 5500,
    "psm_memory_allocation/milp.yaml": 7250.01,  # by a branch and bound without cuts: seconds
}
AGREEMENT = 1e-7


def questions(name):
    """Every policy and scenario of a shipped instance, and none."""
    mapping = files.read(ROOT / "instances" / name)
    policies, scenarios = ([None, *(part["name"] for part in mapping[kind])] for kind in ("policies", "scenarios"))
    return [(policy, scenario) for policy in policies for scenario in scenarios]


# first a limit that binds, a lane that is closed, and no plan at all
TELLING = [("balanced", None), (None, "chicago-road-closed"), ("balanced", "seattle-half")]
QUESTIONS = sorted(questions("canning"), key=lambda asked: asked not in TELLING)


def agrees(name, policy, scenario):
    path = ROOT / "instances" / name
    own = least_cost(files.read(path), policy, scenario)
    try:
        plan = planner.solve(planner.load_instance(path), policy, scenario)
    except planner.InfeasibleError:
        assert own.status == "infeasible"
        return
    assert own.status == plan.status == "optimal"
    assert own.cost == pytest.approx(plan.objective, rel=AGREEMENT)
    costs = dict(zip(plan.costs["component"], plan.costs["amount"], strict=True))
    assert {name for name, amount in own.parts.items() if amount} <= set(costs)
    assert sum(costs.values()) == pytest.approx(sum(own.parts.values()), rel=AGREEMENT)


@pytest.mark.parametrize(("path", "optimum"), portion_of_rows(PUBLISHED.items(), quick=len(PUBLISHED) - 1))
def test_published_optima(path, optimum):
    found = least_cost(files.read(ROOT / "tests" / "published" / path))
    assert found.cost == pytest.approx(optimum, rel=1e-6)


@pytest.mark.parametrize(("policy", "scenario"), portion_of_rows(QUESTIONS, quick=3))
def test_the_small_shipped_instance(policy, scenario):
    agrees("canning", policy, scenario)


@pytest.mark.slow
@pytest.mark.parametrize(("policy", "scenario"), questions("accelerators"))
def test_the_shipped_instance(policy, scenario):
    agrees("accelerators", policy, scenario)


def test_nothing_of_the_planner_is_imported():
    """But by what asks the planner: planners.py, the command, and tests."""
    for path in Path(__file__).parent.glob("*.py"):
        if path.stem not in {"planners", "__main__", "compare"} and not path.stem.startswith("test_"):
            assert "import planner" not in path.read_text(encoding="utf-8"), path
            assert "from planner" not in path.read_text(encoding="utf-8"), path
