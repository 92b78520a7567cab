"""HiGHS drops coefficients of 1e-9 and less, so that what was proved was another program than the one that was meant.

The least exposure of a plan in a frozen zone could not be found (README's months, HiGHS 1.16): of what leaves a pool
some flows took a billionth. Programs of PuLP were told to keep such parts, those of arrays were not.
"""

import highspy
import numpy as np
import pytest

from planner.solve.engine import new_model


@pytest.mark.parametrize("part", [1e-9, 3e-12])
def test_a_model_keeps_small_coefficients(part):
    highs = new_model()
    highs.addVars(2, np.zeros(2), np.ones(2))
    highs.addRow(-highspy.kHighsInf, 1.0, 2, np.arange(2, dtype=np.int32), np.array([1.0, part]))
    assert highs.getNumNz() == 2
