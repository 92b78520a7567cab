"""Changes by nothing change nothing; changes that do not overlap commute; an applied scenario can be written out."""

import json
from functools import cache

import pytest
from planned import given, planned, texts
from portions import portion
from random_instances import seeds

import planner
from planner.instance.applying import apply_scenario

NOTHING = [
    {"change": "capacity", "factor": 1},
    {"change": "capacity", "add": 0},
    {"change": "demand", "factor": 1},
    {"change": "demand", "add": 0},
    {"change": "unit_cost", "factor": 1},
    {"change": "unit_cost", "add": 0},
    {"change": "freight", "factor": 1},
    {"change": "freight", "add": 0},
    {"change": "tariff", "factor": 1},
    {"change": "tariff", "add": 0},
    {"change": "price", "factor": 1},
    {"change": "yield", "factor": 1},
    {"change": "lead_time", "factor": 1},
    {"change": "lead_time", "add": 0},
    {"change": "lead_time", "where": {"from_region": "world"}, "factor": 1},
    {"change": "lane_capacity", "factor": 1},
    {"change": "stock", "factor": 1},
    {"change": "stock", "add": 0},
]


def scenario(name, changes):
    return planner.Scenario.model_validate({"name": name, "changes": changes})


def possible(mapping, instance, change):
    """Whether there is something that the change can select, and all of it is limited."""
    if change["change"] == "stock":
        return bool(mapping.get("stocks"))
    if change["change"] == "lane_capacity":
        return bool(mapping.get("lane_capacities"))
    if change["change"] == "tariff":
        return len(instance.regions) > 1
    if change["change"] == "capacity":
        limited = {(row.site, row.resource or row.site) for row in instance.capacities}
        return all((row.site, row.resource or row.site) in limited for row in instance.processes)
    return True


@pytest.mark.parametrize("seed", portion(seeds(6, start=1200), quick=2))
def test_a_change_by_nothing_changes_nothing(seed):
    mapping, instance, policy = given(seed)
    if planned(seed) is None:
        pytest.skip("no plan to compare")
    labels = instance.periods.labels
    changes = []
    for k, change in enumerate(NOTHING):
        if possible(mapping, instance, change):
            window = ["*", f"{labels[-1]}..", labels[0]][k % 3] if change["change"] != "stock" else "*"
            changes.append({**change, "period": window})
    plan = planner.solve(instance, policy=policy["name"] if policy else None, scenario=scenario("nothing", changes))
    assert texts(plan) == texts(planned(seed))


@pytest.mark.parametrize(
    "change", portion(NOTHING, quick=4), ids=lambda change: "-".join(map(str, change.values()))[:40]
)
def test_a_single_change_by_nothing_keeps_every_figure(change):
    """Without a solve: each table means the same in each period afterwards, on eight instances."""
    tried = 0
    for seed in seeds(8, start=1300):
        mapping, instance, _ = given(seed)
        if possible(mapping, instance, change):
            tried += 1
            assert _meaning(apply_scenario(instance, scenario("nothing", [change]))) == meaning_of(seed)
    assert tried


@cache
def meaning_of(seed):
    """What the instance of a seed means before anything changes, read once."""
    return _meaning(given(seed)[1])


def _meaning(instance):
    from raw_reading import Reading

    data = Reading(json.loads(json.dumps(instance.as_mapping())))
    duties = {
        (a, b, item, t): data.duty(a, b, item, t)
        for a in data.sites
        for b in [*data.sites, *data.customers]
        for item in data.items
        for t in range(data.count)
        if (a, b, item, t) in data.lane
    }
    tops = {(*key, t): data.option_capacity(key, t) for key in data.limited for t in range(data.count)}
    return (
        data.process,
        data.orders,
        data.late_cost,
        data.lane,
        data.capacity,
        data.limited,
        tops,
        duties,
        {key: value for key, value in data.lane_limit.items() if key[:2] in {part[:2] for part in data.lane}},
        {key: value for key, value in data.supply.items() if value},
        {key: data.stock_bounds(*key, data.count - 1) for key in data.stock_row},
    )


@pytest.mark.parametrize("seed", portion(seeds(12, start=1400), quick=6))
def test_changes_that_do_not_overlap_commute(seed):
    mapping, instance, _ = given(seed)
    labels = instance.periods.labels
    changes = [
        {"change": "demand", "factor": 1.5, "period": labels[0]},
        {"change": "unit_cost", "add": 2, "where": {"stage": instance.items[0].stage}},
        {"change": "freight", "factor": 2, "period": labels[-1]},
        {"change": "tariff", "add": 0.1, "where": {"from_region": instance.sites[0].region}},
        {"change": "yield", "factor": 0.9, "where": {"site": instance.processes[0].site}},
        {"change": "outage", "where": {"site": instance.processes[-1].site}, "period": labels[-1]},
    ]
    if len(labels) > 1:
        changes.append({"change": "demand", "factor": 0.5, "period": labels[-1]})
    changes = [change for change in changes if possible(mapping, instance, change)]
    one = apply_scenario(instance, scenario("one", changes))
    other = apply_scenario(instance, scenario("other", changes[::-1]))
    assert one == other
    assert one.content_hash == other.content_hash


@pytest.mark.parametrize("seed", portion(seeds(4, start=1400), quick=1))
def test_an_applied_scenario_can_be_written_out_and_read_again(seed, tmp_path):
    mapping, instance, policy = given(seed)
    name = policy["name"] if policy else None
    labels = instance.periods.labels
    changes = [
        {"change": "demand", "factor": 1.2, "period": labels[0], "recovery": 2},
        {"change": "freight", "factor": 2, "period": labels[-1]},
        {"change": "tariff", "add": 0.1, "where": {"from_region": instance.sites[0].region}},
        {"change": "outage", "where": {"site": instance.processes[-1].site}, "period": labels[-1], "pipeline": "held"},
        {"change": "lane_capacity", "set": 30, "where": {"from": instance.processes[0].site}},
        {"change": "price", "factor": 1.1},
    ]
    lanes = [row for row in mapping["lanes"] if row["from"] in {"region:world", instance.processes[0].site}]
    changes = [change for change in changes if possible({**mapping, "lane_capacities": lanes}, instance, change)]
    struck = apply_scenario(instance, scenario("strike", changes))
    file = tmp_path / "struck.json"
    file.write_text(json.dumps(struck.as_mapping()), encoding="utf-8")
    again = planner.load_instance(file)
    assert again == struck
    assert again.content_hash == struck.content_hash
    try:
        first = texts(planner.solve(instance, policy=name, scenario=scenario("strike", changes)))
    except planner.InfeasibleError:
        with pytest.raises(planner.InfeasibleError):
            planner.solve(again, policy=name)
        return
    assert texts(planner.solve(again, policy=name)) == first
