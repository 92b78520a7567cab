"""Limits that contradict themselves are refused, with what to write instead."""

import pytest
import toys

from planner.instance.loading import check_instance

STAGE = {"name": "limit", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.5}
PATHWAY = {"name": "limit", "measure": "pathway", "of": "TW", "max_share": 0.5}


@pytest.mark.parametrize(
    ("limit", "message", "remedy"),
    [
        ({**STAGE, "stage": None}, "A stage limit needs a stage", "Add stage"),
        ({**STAGE, "max_share": None, "min_free": 0.5}, "min_free is for pathway limits", "max_share"),
        ({**STAGE, "customers": ["cloud"]}, "customers are for pathway limits", "measure: pathway"),
        ({**PATHWAY, "stage": "make"}, "A pathway limit has no stage", "Remove stage"),
        ({**PATHWAY, "weight": "capacity"}, "they use no capacity", "units or value"),
        ({**PATHWAY, "min_free": 0.5}, "one of max_share and min_free", "exactly one"),
        ({**PATHWAY, "max_share": None}, "one of max_share and min_free", "exactly one"),
    ],
)
def test_a_limit_that_contradicts_itself(limit, message, remedy):
    given = {key: value for key, value in limit.items() if value is not None}
    policies = [{"name": "limited", "limits": [given]}]
    problems = check_instance({**toys.TINY, **toys.TWO_PLANTS, "policies": policies}).problems
    assert any(message in problem.message and remedy in problem.remedy for problem in problems)


def refused(name, **policy):
    """What is said of a policy with a limit of this name."""
    policies = [{"name": "held", "limits": [{**STAGE, "name": name}], **policy}]
    return check_instance({**toys.TINY, **toys.TWO_PLANTS, "policies": policies}).problems


def test_the_names_of_buffers_are_taken():
    """A buffer is shown as buffer-1, buffer-2, ... among the limits of its policy."""
    buffers = [{"stage": "make", "periods_of_cover": 1}]
    for name in ("buffer-1", "buffer-2"):
        [problem] = refused(name, buffers=buffers)
        assert (problem.column, problem.value) == (f"limits.{name}.name", name)
        assert "buffer-1, buffer-2" in problem.message
        assert problem.remedy == "Rename the limit."
        assert problem.severity == "error"
        assert not refused(name)
    for name in ("buffer-east", "buffer", "my-buffer-1", "buffer-1a"):
        assert not refused(name, buffers=buffers)
