"""Which part of many like cases runs in every suite; the others run with -m slow. The decorator says how many."""

import pytest

left_out = False  # whether slow tests are left out anyway (conftest.py): then they need not be made to be counted out


def portion(cases, quick, ids=None):
    """Cases of one parameter for pytest, with their ids if they have some: those after the first `quick` marked slow."""
    return portion_of_rows(((case,) for case in cases), quick, ids)


def portion_of_rows(cases, quick, ids=None):
    """The same for cases of several parameters, each a tuple."""
    cases = list(cases)
    named = list(zip(cases, ids or [None] * len(cases), strict=True))
    made = named[: max(quick, 1)] if left_out else named  # one at least, since without any pytest would say "skipped"
    return [
        pytest.param(*case, marks=pytest.mark.slow if number >= quick else (), id=name)
        for number, (case, name) in enumerate(made)
    ]
