"""Which part of many like cases runs in every suite; the others run with -m slow. The decorator says how many."""

import pytest

left_out = False  # whether slow tests are left out anyway (conftest.py): then they need not be made to be counted out


def portion(cases, quick):
    """Cases of one parameter for pytest: the first `quick` as they are, the others marked slow."""
    return portion_of_rows(((case,) for case in cases), quick)


def portion_of_rows(cases, quick):
    """The same for cases of several parameters, each a tuple."""
    cases = list(cases)
    made = cases[: max(quick, 1)] if left_out else cases  # one at least, since without any pytest would say "skipped"
    return [pytest.param(*case, marks=pytest.mark.slow if number >= quick else ()) for number, case in enumerate(made)]
