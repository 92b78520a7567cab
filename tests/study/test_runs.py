"""Runs are told apart by their names, so that no run can take the place of another."""

import pytest
import toys

from planner.errors import UsageError
from planner.study.runs import survey

MORE, LESS = (toys.scenario({"change": "demand", "factor": factor}) for factor in (1.5, 0.5))
HALVES, THIRDS = (toys.policy({"stage": "make", "of": "TW", "max_share": share}) for share in (0.5, 0.7))


def test_two_that_differ_cannot_have_one_name():
    with pytest.raises(UsageError, match="Two scenarios that differ are both named s"):
        survey(toys.two_plants(), [None], [None, MORE, LESS])
    with pytest.raises(UsageError, match="Two policies that differ are both named p"):
        survey(toys.two_plants(), [None, HALVES, THIRDS], [None])


def test_the_very_same_may_be_given_twice():
    runs = survey(toys.two_plants(), [HALVES, HALVES.model_copy()], [MORE, None, MORE.model_copy()])
    assert list(runs) == [("p", "s"), ("p", None)]
    assert runs["p", "s"].objective == pytest.approx(1.5 * runs["p", None].objective)
