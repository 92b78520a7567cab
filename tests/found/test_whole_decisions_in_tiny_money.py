"""Whole decisions are as good where money is counted in billions: a solver's tolerance of costs is absolute.

HiGHS takes a plan for the best where its reduced costs are below 1e-7, and a unit that costs 100 costs no more where
money is counted in billions. Costs were scaled for it only where no decision has to be whole.
"""

import pytest
from oracle.crossed import crossed
from oracle.planners import Questions
from oracle.wide import wide
from units import in_money


@pytest.mark.parametrize(("mapping", "power"), [(crossed(12), -24), (wide(22), -30)])
def test_the_least_cost_is_the_same_in_other_money(mapping, power):
    """Found 1 % and 33 % above the least cost, and called optimal."""
    questions = Questions(mapping)
    assert questions.program().integer.any()
    found = Questions(in_money(mapping, 2.0**power)).answer()
    assert found.status == "optimal"
    assert found.cost == pytest.approx(questions.answer().cost * 2.0**power, rel=1e-6)
