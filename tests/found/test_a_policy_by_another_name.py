"""A report says the same of policies that are called otherwise: it compared the first and last by name among equals."""

import pytest
import toys

from planner.report.findings import Findings
from planner.report.sections.answer import answer_sentence
from planner.study.stress.strike_choices import telling_limits

ONE, OTHER = ({"of": "TW", "max_share": 0.2}, {"of": "US", "max_share": 0.9})
LOOSE = ({"of": "TW", "max_share": 1.0}, {"of": "US", "max_share": 1.0})  # of the same cost, and no price


def surveyed(limits):
    """The plans of two policies with one limit each, by their names."""
    policies = [
        {"name": name, "limits": [{"name": "cap", "measure": "stage", "stage": "make", **limit}]}
        for name, limit in sorted(limits.items())
    ]
    instance = toys.two_plants(policies=policies)
    return instance, {name: toys.solve(instance, name) for name in sorted(limits)}


@pytest.mark.parametrize(("one", "other"), [(ONE, OTHER), LOOSE], ids=["dearer", "as dear"])
def test_what_is_compared_does_not_hang_on_names(one, other):
    said, moved = set(), set()
    for first, second in ((one, other), (other, one)):
        names = {"aa": first, "bb": second}
        instance, plans = surveyed(names)
        found = Findings(instance, {(name, None): plan for name, plan in plans.items()})
        said.add(answer_sentence(found).replace("aa", str(first["of"])).replace("bb", str(second["of"])))
        policy, limits = telling_limits(plans)
        moved.add((names[policy.name]["of"], len(limits)))
    assert len(said) == 1, said
    assert len(moved) == 1, moved
