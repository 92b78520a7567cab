"""Random instances with every feature together: planner, other algorithms and solvers, and the oracle agree.

Two seeds run in the suite, their block of five and 39 more blocks by hand (slow); each asks some twenty questions.
Still more are asked by one command, tests/benchmarks/differential.py.
"""

import random

import pytest
from portions import portion

from oracle.compare import Asked, dissent, unanswered
from oracle.planners import REFUSED
from oracle.stretched import WAYS, stretched, stretched_cases
from oracle.wide import cases, wide
from planner.instance.changes.catalogue import CHANGES
from planner.instance.policy import Buffer, Limit, Policy, Sources
from planner.instance.records import TABLES

BLOCK, SEEDS = 5, 200
QUICK = range(2)  # seeds
NOT_DRAWN = {"name", "title", "unit", "latitude", "longitude", "source"}  # nothing is computed from them
ELSEWHERE = {("expansions", "lead_time"), ("owed", "lost_cost")}  # they say what may change after a strike, no cost


FAR, FAR_SEEDS = 2, 200  # a block of stretched instances, and their seeds


def asked(seed):
    """(who disagrees, who came to no answer, status) of each question to the instance of a seed."""
    mapping = wide(seed)
    instance = Asked(mapping)
    for policy, scenario in cases(mapping):
        answers = instance.answers(policy, scenario)
        yield policy, scenario, answers


BLOCKS = [range(first, first + BLOCK) for first in range(0, SEEDS, BLOCK)]


@pytest.mark.parametrize("seeds", portion([QUICK, *BLOCKS], 1), ids=str)
def test_all_agree_on_every_question(seeds):
    answered = 0
    for seed in seeds:
        for policy, scenario, answers in asked(seed):
            assert not dissent(answers), (seed, policy, scenario, answers)
            assert not {"planner", "oracle"} & set(unanswered(answers)), (seed, policy, scenario, answers)
            answered += answers["planner"].status != REFUSED
    assert answered >= len(seeds)  # most of them are questions and not errors of the data


@pytest.mark.parametrize("first", portion(range(0, FAR_SEEDS, FAR), 1))
def test_figures_that_are_far_apart_or_nothing(first):
    """Planner and oracle alone, which are exact enough; a block of two seeds in every suite, the others are slow."""
    answered = 0
    for seed in range(first, first + FAR):
        mapping = stretched(seed)
        instance = Asked(mapping)
        for policy, scenario in stretched_cases(mapping):
            answers = instance.answers(policy, scenario, variants=())
            assert not dissent(answers), (seed, policy, scenario, answers)
            assert "planner" not in unanswered(answers), (seed, policy, scenario, answers)
            answered += answers["planner"].status != REFUSED
    assert answered >= FAR


def test_every_way_of_stretching_changes_an_instance():
    for way in WAYS:
        drawn = [(wide(seed), wide(seed)) for seed in range(8)]
        for number, (_, changed) in enumerate(drawn):
            way(changed, random.Random(number))
        assert any(before != after for before, after in drawn), way.__name__


def test_every_field_of_the_format_is_drawn():
    drawn = [wide(seed) for seed in range(400)]
    given = {
        (table.name, name)
        for mapping in drawn
        for table in TABLES
        for row in mapping.get(table.name, [])
        for name, value in row.items()
        if value not in (None, "", "*")
    }
    wanted = {(table.name, name) for table in TABLES for name in table.record.columns() if name not in NOT_DRAWN}
    assert wanted - given == ELSEWHERE
    policies = [policy for mapping in drawn for policy in mapping["policies"]]
    assert {name for policy in policies for name in policy} >= set(Policy.model_fields) - NOT_DRAWN
    for part, rows in ((Limit, "limits"), (Buffer, "buffers"), (Sources, "sources")):
        found = {name for policy in policies for row in policy.get(rows, []) for name in row}
        assert found >= set(part.model_fields) - NOT_DRAWN
    changes = [change for mapping in drawn for scenario in mapping["scenarios"] for change in scenario["changes"]]
    assert {change["change"] for change in changes} == set(CHANGES)
    assert {"factor", "set", "add", "recovery", "pipeline"} <= {name for change in changes for name in change}
