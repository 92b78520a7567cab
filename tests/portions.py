"""Which part of many like cases runs in every suite; the others run with -m slow. The decorator says how many."""

import pytest


def portion(cases, quick):
    """Cases of one parameter for pytest: the first `quick` as they are, the others marked slow."""
    cases = list(cases)
    return [*cases[:quick], *(pytest.param(case, marks=pytest.mark.slow) for case in cases[quick:])]


def portion_of_rows(cases, quick):
    """The same for cases of several parameters, each a tuple."""
    cases = list(cases)
    return [*cases[:quick], *(pytest.param(*case, marks=pytest.mark.slow) for case in cases[quick:])]
