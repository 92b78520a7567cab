"""Two-stage plans that can be solved by hand, and a published one: what is decided early, VSS, EVPI and CVaR."""

import json
import time
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import toys
from portions import portion_of_rows
from toys import scenario

import planner
from planner.errors import InfeasibleError, LimitReachedError, UsageError
from planner.instance.scenario import Scenario
from planner.model.extensive import Path as Future
from planner.model.extensive import write_extensive
from planner.solve import extensive_form
from planner.solve.certificate import ASSUMED, IMPLIED
from planner.solve.extensive_form import solve_extensive
from planner.study.stress.surprise import stress_one
from planner.study.stress.undisturbed import Undisturbed
from planner.study.two_stage.cvar import expected, tail, weighed
from planner.study.two_stage.scenario_paths import alone, path_of, undisturbed_probability
from planner.study.two_stage.two_stage_plan import UNDISTURBED, two_stage

FARMER = Path(__file__).parents[1] / "published" / "sp_farmer"


def named(name, probability, *changes):
    return Scenario.model_validate({"name": name, "probability": probability, "changes": list(changes)})


def demand(factor, period="P2"):
    return {"change": "demand", "period": period, "factor": factor}


def newsvendor(*scenarios, **tables):
    """Units are made in P1 for 1 each and sold in P2 for 5; 10 are ordered, or what a scenario says."""
    return toys.tiny(
        **{
            "periods": ["P1", "P2"],
            "processes": [{"site": "plant", "item": "unit", "unit_cost": 1, "lead_time": 1}],
            "demand": [{"customer": "shop", "item": "unit", "period": "P2", "quantity": 10, "price": 5}],
            "scenarios": [
                part.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True) for part in scenarios
            ],
            **tables,
        }
    )


def costs(found, column="two_stage"):
    return dict(zip(found.scenarios["scenario"], found.scenarios[column], strict=True))


def made(found, path=UNDISTURBED):
    return float(found.tables[path]["production"]["started"].sum())


@cache
def likely():
    """The plan where a boom comes with a half."""
    return two_stage(newsvendor(named("boom", 0.5, demand(2)), scenario(demand(3))))


def small():
    """Two plants with whatever a table can show, in two periods."""
    return toys.two_plants(**toys.EVERY_TABLE)


# the tail


def test_the_tail_of_three_scenarios():
    # cost 100 with 0.85, 200 with 0.1, 400 with 0.05: the worst tenth is 0.05 of 200 and 0.05 of 400, so 300;
    # the worst fifth is 0.05 of 400, 0.1 of 200 and 0.05 of 100, so 225; the worst half is 150
    given = ([200.0, 400.0, 100.0], [0.1, 0.05, 0.85])
    assert tail(*given, 0.9) == pytest.approx((200, 300))
    assert tail(*given, 0.8) == pytest.approx((100, 225))
    assert tail(*given, 0.5) == pytest.approx((100, 150))
    assert expected(*given) == pytest.approx(125)
    assert weighed(*given, 0.25, 0.9) == pytest.approx(0.75 * 125 + 0.25 * 300)


def test_the_tail_beyond_all_scenarios_is_the_worst_one():
    assert tail([1.0, 2.0], [0.5, 0.5], 0.99) == pytest.approx((2, 2))


def test_what_is_impossible_does_not_count():
    assert tail([1.0, 2.0, 9.0], [0.5, 0.5, 0.0], 0.9) == pytest.approx((2, 2))


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1, 1.5])
def test_alpha_lies_between_0_and_1(alpha):
    with pytest.raises(UsageError, match="alpha"):
        tail([1.0], [1.0], alpha)


def test_the_weight_lies_from_0_to_1():
    with pytest.raises(UsageError, match="weight"):
        two_stage(newsvendor(), scenarios=[], weight=1.5)


# a newsvendor


def test_a_newsvendor_makes_for_the_likely_boom():
    # q is made before it is known: q + 0.5 * 5 * (20 - q) falls with q, so 20 are made at a cost of 20. The
    # undisturbed plan makes 10: 10, or 10 + 5 * 10 = 60 in the boom, 35 on average. Known before: 10 or 20, so 15
    found = likely()
    assert made(found) == pytest.approx(20)
    assert costs(found) == pytest.approx({UNDISTURBED: 20, "boom": 20})
    assert costs(found, "undisturbed_plan") == pytest.approx({UNDISTURBED: 10, "boom": 60})
    assert costs(found, "foresight") == pytest.approx({UNDISTURBED: 10, "boom": 20})
    assert (found.value, found.vss, found.evpi) == pytest.approx((20, 15, 5))
    assert found.unique
    assert found.certificate.passed


def test_of_plans_with_the_least_tail_the_one_of_least_expected_cost_is_made():
    """The tail is the 32 that larger orders cost. Without the east in P2 all it makes is made in P1, and costs 30.

    A plan that makes one less in P1 has the same tail, but west makes it then for 3 instead of 1.
    """
    strike = named("strike", 0.1, {"change": "outage", "where": {"site": "east"}, "period": "P2"})
    instance = toys.two_plants(
        periods=["P1", "P2", "P3"],
        capacities=[{"site": "west", "capacity": 8}],
        demand=[{"customer": "shop", "item": "unit", "quantity": 10, "price": 100, "late_cost": 1}],
    )
    found = two_stage(instance, scenarios=[strike, named("larger", 0.2, demand(1.2, "P3"))], weight=1.0)
    assert costs(found) == pytest.approx({UNDISTURBED: 30, "strike": 30, "larger": 32})
    assert (found.cvar, found.expected) == pytest.approx((32, 30.4))
    assert found.unique


@pytest.mark.parametrize(
    ("risky", "safe", "size"),
    portion_of_rows(
        [
            *(("east", "west", 1.0), ("west", "east", 1e-9), ("east", "west", 1e9)),
            *(("west", "east", 1.0), ("east", "west", 1e-9), ("west", "east", 1e9)),
        ],
        quick=3,
    ),
)
def test_of_plans_with_the_least_expected_cost_the_one_of_least_tail_is_made(risky, safe, size):
    """Each size of money and each order of the plants in every suite; the three other pairs are slow.

    A unit made in P1 costs 1 at one plant, and 2 to send with a tenth; at the other 1.2 in any case.
    """
    instance = toys.two_plants(
        periods=["P1", "P2"],
        processes=[
            {"site": risky, "item": "unit", "unit_cost": size, "lead_time": 1},
            {"site": safe, "item": "unit", "unit_cost": 1.2 * size, "lead_time": 1},
        ],
        demand=[{"customer": "shop", "item": "unit", "period": "P2", "quantity": 10, "price": 9 * size}],
    )
    dear = {"change": "freight", "where": {"from": risky}, "period": "P2", "add": 2 * size}
    found = two_stage(instance, scenarios=[named("dear", 0.1, dear)])
    assert (found.expected / size, found.cvar / size) == pytest.approx((12, 12))
    assert found.unique


@pytest.mark.slow
def test_a_newsvendor_does_not_make_for_an_unlikely_boom():
    # q + 0.1 * 5 * (20 - q) rises with q: 10 are made, the undisturbed plan is right, and only foresight would help
    found = two_stage(newsvendor(named("boom", 0.1, demand(2))))
    assert made(found) == pytest.approx(10)
    assert (found.value, found.vss, found.evpi) == pytest.approx((15, 0, 15 - (0.9 * 10 + 0.1 * 20)))


@pytest.mark.parametrize(("weight", "units"), portion_of_rows([(0.1, 10), (0.13, 20), (1.0, 20)], quick=1))
def test_weight_on_the_tail_makes_for_the_unlikely_boom(weight, units):
    # with the worst tenth at weight w: (1 - w) * (q + 0.5 * (20 - q)) + w * (q + 5 * (20 - q)), whose slope is
    # (1 - w) / 2 - 4 w: more is made from w = 1/9 on
    found = two_stage(newsvendor(named("boom", 0.1, demand(2))), weight=weight)
    mean, worst = units + 0.5 * (20 - units), units + 5 * (20 - units)
    assert made(found) == pytest.approx(units)
    assert (found.expected, found.cvar) == pytest.approx((mean, worst))
    assert found.value == pytest.approx((1 - weight) * mean + weight * worst)
    assert found.vss == pytest.approx((1 - weight) * 15 + weight * 60 - found.value)
    assert found.evpi == pytest.approx(found.value - (1 - weight) * 11 - weight * 20)


@pytest.mark.slow
def test_certainty_of_one_scenario_leaves_the_undisturbed_path_without_weight():
    found = two_stage(newsvendor(named("boom", 1.0, demand(2))))
    assert (found.value, found.vss, found.evpi) == pytest.approx((20, 40, 0))
    assert np.isnan(costs(found)[UNDISTURBED])


# what is shared


def test_an_option_is_bought_once_for_all_paths():
    # the east is out with 0.5 from P2 on; 10 a period; without the west's line 10 units at 100 are lost
    instance = toys.two_plants(
        periods=["P1", "P2"],
        stock="listed",
        capacities=[{"site": "west", "capacity": 0}],
        expansions=[{"option": "line", "site": "west", "period": "P2", "capacity": 10, "unit_cost": 20}],
    )
    out = named("out", 0.5, {"change": "outage", "where": {"site": "east"}, "period": "P2"})
    found = two_stage(instance, scenarios=[out], against=[None])
    # bought: 200 now; P1 10; P2 10 or 30 with the line: 220 or 240. Not bought: 20, or 10 + 1000
    assert costs(found) == pytest.approx({UNDISTURBED: 220, "out": 240})
    assert costs(found, "undisturbed_plan") == pytest.approx({UNDISTURBED: 20, "out": 1010})
    assert costs(found, "foresight") == pytest.approx({UNDISTURBED: 20, "out": 240})
    assert (found.vss, found.evpi) == pytest.approx((515 - 230, 230 - 130))
    option = found.decisions[found.decisions["kind"] == "option"].iloc[0]
    assert (option["name"], option["two_stage"], option["no policy"]) == ("line", pytest.approx(1), 0)


def test_a_buffer_is_kept_where_an_outage_can_come():
    # keeping a unit from P1 to P2 costs 2, the outage of P2 comes with 0.5 and a lost unit costs 100: 10 are kept
    instance = toys.tiny(
        periods=["P1", "P2"], items=[{"item": "unit", "stage": "make", "value": 10, "holding_cost": 2}]
    )
    out = named("out", 0.5, {"change": "outage", "where": {"site": "plant"}, "period": "P2"})
    found = two_stage(instance, scenarios=[out])
    kept = found.decisions[found.decisions["kind"] == "stock"].iloc[0]
    assert (kept["name"], kept["by"], kept["two_stage"], kept["no policy"]) == ("unit", "P2", pytest.approx(10), 0)
    buffer = found.decisions[found.decisions["kind"] == "buffer"].iloc[0]
    assert (buffer["unit"], buffer["two_stage"]) == ("USD", pytest.approx(100))
    # with the buffer 20 units made and 10 kept: 40 either way; without it 20 or 10 + 1000
    assert (found.value, found.vss) == pytest.approx((40, 515 - 40))


def test_scenarios_share_with_the_undisturbed_path_only_until_they_strike():
    # made one period ahead; the boom of P3 is known in P3, that of P2 in P2, so only the latter can be met
    instance = newsvendor(
        periods=["P1", "P2", "P3"],
        demand=[{"customer": "shop", "item": "unit", "period": "P2..", "quantity": 10, "price": 5}],
        items=[{"item": "unit", "stage": "make", "holding_cost": 1}],
    )
    early = {"change": "unit_cost", "period": "P2", "add": 0.0}  # so that the boom of P3 is known in P2
    known, sudden = named("known", 0.1, early, demand(2, "P3")), named("sudden", 0.1, demand(2, "P3"))
    found = two_stage(instance, scenarios=[known, sudden])
    assert costs(found) == pytest.approx({UNDISTURBED: 20, "known": 30, "sudden": 70})
    strikes = dict(zip(found.scenarios["scenario"], found.scenarios["strike"], strict=True))
    assert (strikes["known"], strikes["sudden"]) == ("P2", "P3")


@pytest.mark.slow
def test_no_more_is_surplus_than_was_sent_before_the_strike():
    # 10 leave in P1 to arrive in P2, when nobody wants them any more: the surplus is what was sent
    instance = newsvendor(
        processes=[{"site": "plant", "item": "unit", "unit_cost": 1}],
        lanes=[{"from": "plant", "to": "shop", "lead_time": 1}],
    )
    found = two_stage(instance, scenarios=[named("bust", 0.2, demand(0))])
    row = found.promises.iloc[0]
    assert (row["scenario"], row["kind"], row["quantity"], row["cost"]) == ("bust", "surplus", pytest.approx(10), 0)
    assert costs(found) == pytest.approx({UNDISTURBED: 10, "bust": 10})
    assert costs(found, "foresight")["bust"] == pytest.approx(0)


def test_a_broken_promise_costs_its_price():
    # all must be served, the outage of P2 cannot be foreseen and nothing can be kept: 10 units at 7
    instance = toys.tiny(
        periods=["P1", "P2"], stock="listed", demand=[{"customer": "shop", "item": "unit", "quantity": 10}]
    )
    out = named("out", 0.5, {"change": "outage", "where": {"site": "plant"}, "period": "P2"})
    found = two_stage(instance, scenarios=[out], price=7)
    assert costs(found) == pytest.approx({UNDISTURBED: 20, "out": 10 + 70})
    assert costs(found, "broken") == pytest.approx({UNDISTURBED: 0, "out": 70})


# the same as the plan, and the same as stress


PLANS = [(small, None), (toys.toy, None), (toys.toy, "guarded")]


@pytest.mark.parametrize(("given", "policy"), portion_of_rows(PLANS, quick=1))
def test_without_scenarios_it_is_the_plan(given, policy):
    """Two plants in every suite, where the program of the toy is compared below; its plans are slow."""
    instance = given()
    chosen = instance.policy(policy) if policy else None
    plan = toys.solve(instance, policy)
    found = two_stage(instance, chosen, [])
    assert found.value == pytest.approx(plan.objective, rel=1e-12)
    assert (found.vss, found.evpi) == (0, 0)
    for name, table in found.tables[UNDISTURBED].items():
        wanted = plan.tables[name].drop(columns="shadow_price", errors="ignore")
        assert table.drop(columns="shadow_price", errors="ignore").equals(wanted), name


def test_without_scenarios_it_is_the_program():
    program = toys.program(toys.toy())
    extensive = write_extensive([Future(None, 1.0, 3, program)], 0.0, 0.9, 0.0)
    columns, wanted = extensive.linear_program, program.numbers
    for name in ("lower", "upper", "cost"):
        assert np.array_equal(getattr(columns, name), getattr(wanted, name))
    values = np.random.default_rng(1).random(extensive.columns)
    assert columns.rows.activity(values) == pytest.approx(program.matrix().activity(values))


@pytest.mark.parametrize(("given", "policy"), portion_of_rows(PLANS, quick=1))
def test_the_undisturbed_plan_is_struck_as_stress_does(given, policy):
    """Two plants in every suite; the toy is slow."""
    instance = given()
    base = Undisturbed.of(instance, instance.policy(policy) if policy else None)
    out = named("out", 0.2, {"change": "outage", "where": {"region": "TW"}, "period": "P2"})
    assert alone(base, path_of(base, out)).surprised == pytest.approx(stress_one(base, out).plan.objective, rel=1e-9)


@pytest.mark.slow
def test_options_bought_whole_are_shared_too():
    instance = toys.toy()
    out = named("out", 0.4, {"change": "outage", "where": {"site": "pack-a"}, "period": "P2.."})
    found = two_stage(instance, scenarios=[out], weight=0.3)
    assert found.integer
    assert "branch and bound" in found.certificate.method
    shares = found.tables["out"]["expansions"][["option", "share"]].to_numpy().tolist()
    assert shares == found.tables[UNDISTURBED]["expansions"][["option", "share"]].to_numpy().tolist()


@pytest.mark.slow
def test_units_that_carry_what_they_touched_share_their_past_too():
    rows = [{"name": "clear", "measure": "pathway", "of": "TW", "min_free": 0.5, "per": "horizon"}]
    cover = [{"items": ["chip"], "periods_of_cover": 0.5, "soft_cost": 1.0}]
    chosen = toys.policy(*rows, buffers=cover)
    base = Undisturbed.of(toys.toy(), chosen)
    out = named("out", 0.3, {"change": "outage", "where": {"site": "pack-b"}, "period": "P3"})
    found = two_stage(base.program.network.instance, chosen, [out], weight=0.5)
    assert found.certificate.passed
    assert found.vss >= 0
    assert found.evpi >= 0
    made = [found.tables[name]["production"] for name in (UNDISTURBED, "out")]
    early = [table[table["period"] != "P3"][["site", "item", "period", "touched", "started"]] for table in made]
    assert early[0].reset_index(drop=True).equals(early[1].reset_index(drop=True))
    struck = stress_one(base, out).plan.objective
    assert costs(found, "undisturbed_plan")["out"] == pytest.approx(struck, rel=1e-9)


# what is refused


def test_probabilities_above_one_are_an_error():
    scenarios = [named("boom", 0.7, demand(2)), named("bust", 0.4, demand(0))]
    with pytest.raises(UsageError, match=r"add up to 1\.1.*Name fewer scenarios"):
        two_stage(newsvendor(), scenarios=scenarios)


def test_probabilities_of_one_in_all_leave_nothing():
    thirds = [named(f"s{k}", 1 / 3, demand(2)) for k in range(3)]
    assert undisturbed_probability(thirds) == 0
    assert undisturbed_probability([named("a", 0.3), named("b", 0.25)]) == 0.45  # not 0.44999999999999996


@pytest.mark.parametrize("chosen", [[scenario(demand(2))], [named("boom", 0.1, demand(2))] * 2, [named("calm", 0.5)]])
def test_scenarios_that_cannot_be_weighed_are_an_error(chosen):
    with pytest.raises(UsageError):
        two_stage(newsvendor(), scenarios=chosen)


def test_a_scenario_cannot_be_named_as_the_undisturbed_path():
    with pytest.raises(UsageError, match="A scenario cannot be named undisturbed here"):
        two_stage(newsvendor(named("undisturbed", 0.5, demand(2))))


@pytest.mark.parametrize("name", ["two_stage", "kind", "name", "by", "unit", "order", "at"])
def test_a_policy_cannot_be_named_as_a_column_of_the_decisions(name):
    chosen = toys.policy(name=name)
    for policies in ({"policy": chosen}, {"against": [None, chosen]}):
        with pytest.raises(UsageError, match=f"A policy cannot be named {name} here"):
            two_stage(newsvendor(named("boom", 0.5, demand(2))), **policies)


@pytest.mark.slow
def test_policies_beside_the_plan_are_the_same_where_they_are_equal_not_where_they_are_named_alike():
    cap = {"stage": "make", "of": "TW"}
    chosen, other = (toys.policy({**cap, "max_share": share}) for share in (0.2, 0.6))
    instance = toys.two_plants(periods=["P1", "P2"], policies=[other.model_dump(exclude_none=True)])
    out = named("out", 0.1, {"change": "outage", "where": {"site": "east"}, "period": "P2"})
    with pytest.raises(UsageError, match="Two policies that differ are both named p"):
        two_stage(instance, chosen, [out], against=[None, other])
    found = two_stage(
        instance, chosen, [out], against=[chosen.model_copy(), other.model_copy(update={"name": "looser"})]
    )
    taiwan = found.decisions.set_index("name").loc["make/TW"]
    assert taiwan[["p", "looser"]].tolist() == pytest.approx([0.2, 0.6])


def test_scenarios_without_a_probability_are_left_out_unless_named():
    found = likely()
    assert list(found.scenarios["scenario"]) == [UNDISTURBED, "boom"]


def test_an_instance_without_a_plan_has_no_two_stage_plan():
    instance = toys.tiny(
        demand=[{"customer": "shop", "item": "unit", "quantity": 10}], capacities=[{"site": "plant", "capacity": 1}]
    )
    with pytest.raises(InfeasibleError):
        two_stage(instance, scenarios=[named("s", 0.1, {"change": "demand", "factor": 2})])


# published


def farm():
    """The farmer: acres are planted, the yield becomes known, then crops are sold, and fodder bought.

    A unit of a harvest is what an acre gives in the best year, in t, so that yields stay below 1; fodder that is not
    grown is bought, which is a lost order at the price of buying it.
    """
    data = json.loads((FARMER / "data.json").read_text(encoding="utf-8"))
    crops = data["crops"]
    yields = {part["name"]: dict(zip(crops, part["yield"], strict=True)) for part in data["scenarios"]}
    best = yields["above"]
    demand, sold = [], 0.0
    for k, crop in enumerate(crops):
        most = data["land"] * best[crop]
        quota = data["quota"][k] or most
        offers = [("market", quota, data["sell_price"][k]), ("rest", most, data["sell_price_over_quota"][k] or 0)]
        for customer, quantity, price in offers:
            demand.append(
                {"customer": customer, "item": crop, "period": "harvest", "quantity": quantity, "price": price}
            )
            sold += quantity * price
        if data["need"][k]:
            fodder = {"quantity": data["need"][k], "lost_cost": data["buy_price"][k]}
            demand.append({"customer": "cattle", "item": crop, "period": "harvest", **fodder})
    plant = [
        {"site": "field", "item": f"{crop}-acre", "unit_cost": cost, "period": "seed", "lead_time": 1}
        for crop, cost in zip(crops, data["plant_cost"], strict=True)
    ]
    reap = [
        {"site": "barn", "item": crop, "period": "harvest", "yield": yields["average"][crop] / best[crop]}
        for crop in crops
    ]
    instance = planner.load_instance(
        {
            "name": "farmer",
            "periods": ["seed", "harvest"],
            "sites": [{"site": "field", "region": "farm"}, {"site": "barn", "region": "farm"}],
            "items": [
                *({"item": f"{crop}-acre", "stage": "seed"} for crop in crops),
                *({"item": crop, "stage": "harvest"} for crop in crops),
            ],
            "processes": [*plant, *reap],
            "components": [{"item": crop, "component": f"{crop}-acre", "quantity": 1 / best[crop]} for crop in crops],
            "capacities": [{"site": "field", "capacity": data["land"]}],
            "customers": [{"customer": name, "region": "farm"} for name in ("market", "rest", "cattle")],
            "demand": demand,
            "lanes": [{"from": "field", "to": "barn"}, {"from": "barn", "to": "region:farm"}],
            "scenarios": [
                {
                    "name": name,
                    "probability": 1 / 3,
                    "changes": [
                        {
                            "change": "yield",
                            "where": {"item": crop},
                            "period": "harvest",
                            "set": yields[name][crop] / best[crop],
                        }
                        for crop in crops
                    ],
                }
                for name in ("below", "above")
            ],
        }
    )
    return instance, sold


@pytest.mark.slow
def test_the_farmer():
    # published (Birge and Louveaux, chapter 1): RP -108390, EV -118600, EEV -107240, VSS 1150, EVPI 7015.56, and
    # 170, 80 and 250 acres. The year that is neither good nor bad is the undisturbed path
    instance, sold = farm()
    found = two_stage(instance)
    acres = found.tables["below"]["production"].set_index("item")["started"]
    assert [acres[f"{crop}-acre"] for crop in ("wheat", "corn", "beets")] == pytest.approx([170, 80, 250])
    assert found.value - sold == pytest.approx(-108390, rel=1e-9)
    assert costs(found, "undisturbed_plan")[UNDISTURBED] - sold == pytest.approx(-118600, rel=1e-9)
    assert found.values["value"][1] - sold == pytest.approx(-107240, rel=1e-9)
    assert found.vss == pytest.approx(1150, rel=1e-6)
    assert found.evpi == pytest.approx(7015 + 5 / 9, rel=1e-6)


def test_a_deadline_ends_every_part_of_it():
    base = Undisturbed.of(small(), None)
    out = named("out", 0.5, {"change": "outage", "where": {"region": "TW"}, "period": "P2"})
    path, over = path_of(base, out), time.perf_counter()
    with pytest.raises(LimitReachedError, match=out.name):
        alone(base, path, over)
    extensive = write_extensive([Future(None, 0.5, 2, base.program), path], 0.0, 0.9, 0.0)
    with pytest.raises(LimitReachedError, match="two-stage plan"):
        solve_extensive(extensive, over)


def test_a_bound_that_is_assumed_is_said(monkeypatch):
    """As of a plan: where free flows in a circle had to be given a bound, the certificate says so."""
    bound = extensive_form.dual_bound
    monkeypatch.setattr(extensive_form, "dual_bound", lambda *given: (bound(*given)[0], IMPLIED + ASSUMED))
    found = two_stage(newsvendor(named("boom", 0.5, demand(2))))
    assert found.certificate.assumed
    assert not likely().certificate.assumed
