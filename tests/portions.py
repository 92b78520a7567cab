"""Which part of many like cases runs in every suite; the others run with -m slow."""

import pytest


def portion(cases, quick):
    """Parameters for pytest: the first `quick` cases as they are, the others marked slow."""
    cases = list(cases)
    return [*cases[:quick], *(pytest.param(case, marks=pytest.mark.slow) for case in cases[quick:])]
