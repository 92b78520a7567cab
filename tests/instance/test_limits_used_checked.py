"""What limits used before the first period is known by names: a policy or limit of another name is told of it."""

import json

import pytest
import toys

import planner

CAP = {"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.6, "per": "horizon"}
USED = {"policy": "p", "limit": "cap", "of": "TW", "inside": 9, "total": 10}
ANEW = (
    "limits_used has no row of the policy q, only of p, so its limit over the horizon (cap) counts from 1 on alone. "
    "Give the policy the name that it had, or repeat the rows under its new one; a limit that is new needs none."
)


def mapping(*policies, **tables):
    return {**toys.TINY, **toys.TWO_PLANTS, "limits_used": [USED], "policies": list(policies), **tables}


def warned(*policies, **tables):
    found = planner.check_instance(mapping(*policies, **tables)).problems
    return [
        f"{problem.message} {problem.remedy}"
        for problem in found
        if "limits_used" in f"{problem.message} {problem.file}"
    ]


def test_rows_of_what_is_there():
    assert warned({"name": "p", "limits": [CAP]}) == []


def test_a_policy_of_another_name():
    assert warned({"name": "p", "limits": [CAP]}, {"name": "q", "limits": [CAP]}) == [ANEW]


@pytest.mark.parametrize("other", [{"per": "period"}, {"period": "2..", "name": "later"}])
def test_a_limit_that_cannot_have_begun_before(other):
    limits = {"name": "q", "limits": [{**CAP, **other}]}
    assert warned({"name": "p", "limits": [CAP]}, limits, periods=["1", "2"]) == []


def test_without_any_rows():
    assert warned({"name": "q", "limits": [CAP]}, limits_used=[]) == []


def test_a_limit_of_another_name():
    """A typo in a table that counts for nothing, without a word."""
    found = warned({"name": "p", "limits": [{**CAP, "name": "caps"}]})
    assert found == ["The policy p has no limit 'cap' over the horizon, so this counts for nothing. Did you mean caps?"]


def test_a_limit_that_is_of_something_else_now():
    """The limit was moved on to another region: what of the first one was used is no row of it."""
    moved = {"name": "p", "limits": [{**CAP, "of": "US"}]}
    [said] = warned(moved)
    assert said.startswith(
        "The limit cap of the policy p is of US, so this counts for nothing. Count what was inside US"
    )
    assert warned({"name": "p", "limits": [{**CAP, "of": "each"}]}) == []
    with_rows, without = (planner.load_instance(mapping(moved, limits_used=rows)) for rows in ([USED], []))
    assert planner.solve(with_rows, "p").objective == planner.solve(without, "p").objective
    assert planner.solve(with_rows, "p").limits["of"].tolist() == ["US"]  # and none of TW


@pytest.mark.parametrize("command", ["solve", "whatif", "stress"])
def test_a_command_says_it_of_a_file(in_process, command, tmp_path):
    """A policy in a file under another name was planned as if nothing had been used, and nothing was said."""
    scenario = {"name": "more", "changes": [{"change": "demand", "where": {}, "factor": 1.5}], "surprise": True}
    instance, policy = tmp_path / "instance.json", tmp_path / "policy.json"
    instance.write_text(json.dumps(mapping({"name": "p", "limits": [CAP]}, scenarios=[scenario])))
    named = ["--scenario", "more"] if command != "solve" else []
    for name, said in (("q", True), ("p", False)):
        policy.write_text(json.dumps({"name": name, "limits": [CAP]}))
        code, _, stderr = in_process(command, instance, "--policy", policy, *named)
        assert code == 0, stderr
        assert (f"planner: {ANEW}" in stderr) is said
