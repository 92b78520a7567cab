"""A live what-if equals a rebuild, table by table, for every type of change and in any order."""

import time
from dataclasses import fields, replace
from functools import cache

import pandas as pd
import pytest
from planned import given
from portions import portion, portion_of_rows
from random_instances import seeds
from toys import TOY, TRACED, least_cost, policy, program, tiny, toy, two_plants

from planner.errors import InfeasibleError, LimitReachedError, PlannerError, UsageError
from planner.instance.applying import apply_scenario
from planner.instance.changes.catalogue import CHANGES
from planner.instance.changes.change import Deviation
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.model.layout import lay_out
from planner.network import build_network
from planner.network.steps import Steps
from planner.plan.live_planning import Replanner
from planner.plan.plan import Plan
from planner.plan.planning import formulate, solve
from planner.plan.run_options import RunOptions
from planner.solve.layout_difference import Reason, Rebuild, difference
from planner.study.runs import survey
from planner.study.what_if import rebuilds, whatif_json

TYPES = CHANGES
STAGED = policy(
    {"stage": "packaging", "of": "US", "max_share": 0.8},
    {"stage": "wafer", "of": "TW", "max_share": 0.6, "soft_cost": 2.0, "per": "horizon"},
)
BOTH = Policy(name="both", limits=(*STAGED.limits, *TRACED.limits))
SEED = seeds(1, start=3001, integers=False)[0]
# what the tables of the toy hold for a type of change, where a factor on everything would not be possible
SELECTED = {
    "capacity": {"where": {"site": ["fab-a", "pack-a"]}},
    "lane_capacity": {"where": {"from": "pack-a", "to": "test"}},
    "yield": {"where": {"site": "fab-a"}},
    "outage": {"where": {"site": "fab-a"}, "period": "P2"},
}
ANEW = {"yield": Reason.COEFFICIENTS_DIFFER, "lead_time": Reason.COLUMNS_DIFFER}


def happens(*changes, name="s"):
    return Scenario.model_validate({"name": name, "changes": list(changes)})


def change_of(kind, **more):
    """A change of a type on all that it can select."""
    figure = {"factor": 1.5 if kind == "lead_time" else 0.7} if issubclass(TYPES[kind], Deviation) else {}
    return {"change": kind, **figure, **more}


def chain():
    """The toy chain without options, so that it is a linear program."""
    return toy(expansions=[])


def asked(name):
    """Instance, policy and a scenario for each type of change."""
    if name == "random":
        _, instance, chosen = given(SEED, integers=False)
        limited = Policy.model_validate(chosen) if chosen else None
        return instance, limited, {kind: happens(change_of(kind, **random_where(instance, kind))) for kind in TYPES}
    return chain(), BOTH, {kind: happens(change_of(kind, **SELECTED.get(kind, {}))) for kind in TYPES}


def random_where(instance, kind):
    if kind == "capacity":
        row = instance.capacities[0]
        return {"where": {"site": row.site, "resource": row.resource or row.site}}
    if kind == "lane_capacity" and instance.lane_capacities:
        row = instance.lane_capacities[0]
        return {"where": {"from": row.from_, "to": row.to}}
    if kind == "outage":
        return {"where": {"site": instance.processes[0].site}}
    return {}


def answer(ask):
    """A plan, or the failure by name."""
    try:
        return ask()
    except PlannerError as error:
        return type(error).__name__, str(error)


def assert_same(plan, other):
    """The same status and tables, shadow prices included."""
    if not isinstance(plan, Plan) or not isinstance(other, Plan):
        assert plan == other
        return
    assert plan.status == other.status
    assert plan.objective == pytest.approx(other.objective, rel=1e-9, abs=1e-6)
    assert plan.certificate.passed
    assert set(plan.tables) == set(other.tables)
    for name, table in plan.tables.items():
        wanted = other.tables[name]
        if not table.equals(wanted):  # a quick look: most are the same to the last bit
            pd.testing.assert_frame_equal(table, wanted, check_exact=False, rtol=1e-6, atol=1e-6, obj=name)


@cache
def answers(name):
    """Every type of change, asked in two orders of two models, and the base last."""
    instance, chosen, asks = asked(name)
    first = Replanner(instance, chosen)
    found = {kind: answer(lambda scenario=scenario: first.plan(scenario)) for kind, scenario in asks.items()}
    base = first.plan()
    second = first.twin()
    order = ["outage", "unit_cost", "capacity"] if name == "toy" else []
    again = {kind: answer(lambda kind=kind: second.plan(asks[kind])) for kind in order}
    return instance, chosen, asks, found, again, base


@pytest.mark.parametrize("kind", portion(TYPES, quick=1))
@pytest.mark.parametrize("name", portion(["toy", "random"], quick=1))
def test_live_equals_a_rebuild_in_any_order(name, kind):
    instance, chosen, asks, found, again, _ = answers(name)
    if not (isinstance(found[kind], Plan) and found[kind].rebuilt):  # a rebuild is the same call
        assert_same(found[kind], answer(lambda: solve(instance, chosen, asks[kind])))
    if kind in again:
        assert_same(found[kind], again[kind])


@pytest.mark.parametrize("kind", portion(TYPES, quick=1))
@pytest.mark.parametrize("name", portion(["toy", "random"], quick=1))
def test_a_network_that_takes_over_is_the_one_built_alone(name, kind):
    instance, chosen, asks, steps, base, alone = built(name)
    try:
        happened = apply_scenario(instance, asks[kind])
    except PlannerError:
        return  # nothing of this kind can happen to it
    assert_same_network(build_network(happened, chosen, steps=Steps(steps)), build_network(happened, chosen))
    assert_same_network(base, alone)  # nothing was changed there


@cache
def built(name):
    """What is asked of an instance, the steps of its network, the network, and once more without remembering."""
    instance, chosen, asks = asked(name)
    steps = Steps()
    return instance, chosen, asks, steps, build_network(instance, chosen, steps=steps), build_network(instance, chosen)


def assert_same_network(network, other):
    """Every table, with every figure, type and order."""
    for part in fields(network):
        ours, theirs = getattr(network, part.name), getattr(other, part.name)
        if isinstance(ours, pd.DataFrame) and not ours.equals(theirs):
            pd.testing.assert_frame_equal(ours, theirs, obj=part.name)


@pytest.mark.parametrize("name", portion(["toy", "random"], quick=1))
def test_the_base_answers_as_if_nothing_had_been_asked(name):
    instance, chosen, _, _, _, base = answers(name)
    assert_same(base, solve(instance, chosen))
    assert not base.rebuilt


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_live_and_what_is_built_anew(kind):
    plan = answers("toy")[3][kind]
    if kind in ANEW:
        assert plan.rebuilt.startswith(f"{ANEW[kind]}: ")
        assert kind.replace("_", " ") in plan.rebuilt
        assert "hot" not in plan.method
    else:
        assert not plan.rebuilt
        assert "hot" in plan.method


def layout(instance, chosen=None):
    return lay_out(build_network(instance, chosen))


def test_a_new_lane_is_built_anew():
    with_lane = toy(expansions=[], lanes=[*TOY["lanes"], {"from": "fab-b", "to": "pack-a", "item": "die"}])
    found = difference(layout(chain()), layout(with_lane))
    assert isinstance(found, Rebuild)
    assert found.reason is Reason.COLUMNS_DIFFER
    assert found.what == "It brings ship (fab-b, pack-a, die, P2)."


def test_a_lane_without_a_limit_is_closed_by_a_row_of_its_own():
    replanner = Replanner(two_plants())
    plan = replanner.plan(happens({"change": "lane_capacity", "where": {"from": "east"}, "set": 0}))
    assert plan.rebuilt == "rows differ: It brings lane_capacity (east, shop, *, 1)."
    assert plan.objective == pytest.approx(30)


def test_other_shares_are_live():
    tight = STAGED.model_copy(
        update={"limits": tuple(limit.model_copy(update={"max_share": 0.3}) for limit in STAGED.limits)}
    )
    replanner = Replanner(chain(), STAGED)
    plan = replanner.plan(policy=tight)
    assert not plan.rebuilt
    assert_same(plan, solve(chain(), tight))
    base = least_cost(program(chain(), STAGED))
    assert replanner.plan().objective == pytest.approx(base, rel=1e-9)  # and then the shares as they were


@pytest.mark.parametrize("factor", portion([1.5, 0], quick=1))
def test_capacity_of_an_option_is_a_coefficient(factor):
    options = [{"option": "more", "site": "pack-b", "period": "P2", "capacity": 5, "unit_cost": 1}]
    instance = toy(expansions=options)
    replanner = Replanner(instance)
    scenario = happens({"change": "capacity", "where": {"site": "pack-b"}, "factor": factor})
    plan = replanner.plan(scenario)
    assert not plan.rebuilt
    assert_same(plan, solve(instance, None, scenario))


def test_no_plan_is_explained_as_ever_and_the_next_run_is_live():
    replanner = Replanner(chain())
    shut = happens({"change": "outage"})
    with pytest.raises(InfeasibleError) as live:
        replanner.plan(shut)
    with pytest.raises(InfeasibleError) as built:
        solve(chain(), None, shut)
    assert live.value.conflict == built.value.conflict
    assert live.value.repair == built.value.repair
    assert not replanner.plan().rebuilt


@pytest.mark.slow
def test_nothing_is_ordered():
    replanner = Replanner(chain(), STAGED)
    scenario = happens({"change": "demand", "set": 0})
    plan = replanner.plan(scenario)
    assert not plan.rebuilt
    assert float(plan.service["delivered"].sum()) == 0
    assert_same(plan, solve(chain(), STAGED, scenario))


@pytest.mark.slow
def test_nothing_can_be_made():
    instance = two_plants(capacities=[{"site": site, "capacity": 8} for site in ("east", "west")])
    scenario = happens({"change": "capacity", "factor": 0})
    plan = Replanner(instance).plan(scenario)
    assert not plan.rebuilt
    assert_same(plan, solve(instance, None, scenario))


@pytest.mark.parametrize(
    ("instance", "chosen", "options", "reason"),
    portion_of_rows(
        [
            (toy(), None, RunOptions(), Reason.INTEGERS),
            (
                two_plants(),
                Policy(name="one", sources=[{"stage": "make", "max_sources": 1}]),
                RunOptions(),
                Reason.INTEGERS,
            ),
            (tiny(), None, RunOptions(solver="cbc"), Reason.OTHER_SOLVER),
        ],
        quick=2,
    ),
)
def test_programs_that_are_never_live(instance, chosen, options, reason):
    replanner = Replanner(instance, chosen, options)
    assert replanner.obstacle.reason is reason
    plan = replanner.plan(happens({"change": "demand", "factor": 0.5}))
    assert plan.rebuilt.startswith(f"{reason}: ")
    assert plan.certificate.passed


def test_without_a_baseline_runs_are_built_anew():
    instance = two_plants(capacities=[{"site": site, "capacity": 0} for site in ("east", "west")])
    instance = instance.replace(demand=[row.model_copy(update={"must_serve": 1.0}) for row in instance.demand])
    replanner = Replanner(instance)
    assert replanner.obstacle.reason is Reason.NO_BASELINE
    with pytest.raises(InfeasibleError):
        replanner.plan()
    plan = replanner.plan(happens({"change": "capacity", "set": 20}))
    assert plan.rebuilt.startswith("no baseline: ")
    assert plan.objective == pytest.approx(10)


def test_rows_of_your_own_stay_and_cannot_be_built_anew():
    def own():
        made = formulate(two_plants())
        made.problem += made.make["west", "unit", "standard", "1"] >= 4, "a floor"
        return made

    replanner = Replanner(own())
    plan = replanner.plan(happens({"change": "demand", "factor": 2}))
    assert plan.objective == pytest.approx(16 * 1 + 4 * 3)
    assert plan.certificate.passed
    with pytest.raises(UsageError, match="rows of your own"):
        replanner.plan(happens({"change": "yield", "factor": 0.5}))
    assert_same(replanner.plan(), solve(own()))


def test_a_program_has_its_policy():
    with pytest.raises(UsageError, match="has its policy already"):
        Replanner(formulate(tiny()), STAGED)


def test_after_the_deadline_runs_stop_as_ever():
    with pytest.raises(LimitReachedError):
        Replanner(chain(), None, RunOptions(time_limit=0.0))
    replanner = Replanner(chain(), None, RunOptions(deadline=time.perf_counter() + 1000))
    replanner.options = RunOptions(deadline=time.perf_counter() - 1)
    assert answer(replanner.plan)[0] == "LimitReachedError"


def test_a_wrong_live_plan_is_built_anew(monkeypatch):
    replanner = Replanner(two_plants())
    true = replanner.resolver.solve_other

    def wrong(*asks, **options):
        found = true(*asks, **options)
        return replace(found, values=found.values * 0.5)

    monkeypatch.setattr(replanner.resolver, "solve_other", wrong)
    plan = replanner.plan(happens({"change": "demand", "factor": 2}))
    assert plan.rebuilt.startswith("not proved: ")
    assert plan.objective == pytest.approx(20)


@pytest.mark.slow
def test_a_survey_is_the_same_in_any_order_and_says_what_was_built_anew():
    asks = [None, happens(change_of("demand"), name="less"), happens(change_of("yield"), name="worse")]
    instance = two_plants()
    dear = Policy(
        name="dear", limits=[{"name": "l", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.5}]
    )
    first = survey(instance, [None, dear], asks)
    again = survey(instance, [dear], asks[::-1])
    for key, run in first.items():
        assert bool(run.rebuilt) == (key[1] == "worse")
        if key in again:
            assert_same(run, again[key])
    assert whatif_json(first[None, "less"])["rebuilt"] is None
    reason = first[None, "worse"].rebuilt
    assert whatif_json(first[None, "worse"])["rebuilt"] == reason
    assert rebuilds(list(first.values())) == [f"built anew, {reason} (no policy / worse, dear / worse)"]
