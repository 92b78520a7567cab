"""Seeds of random instances: those that give none are known, so that nobody makes instances only to count them."""

import pytest
from portions import portion
from random_instances import HOPELESS, HopelessError, labels_of, random_instance
from raw_reading import Reading

RANGES = [(2000, 2240), (0, 340), (1000, 1600), (3000, 3010), (5000, 5420)]  # that tests ask for


def hopeless(seed, **options):
    try:
        random_instance(seed, **options)
    except HopelessError:
        return True
    return False


@pytest.mark.parametrize(("integers", "seed"), [(kind, seed) for kind, found in HOPELESS.items() for seed in found])
def test_seeds_that_are_left_out_give_no_instance(integers, seed):
    assert hopeless(seed, integers=integers)


@pytest.mark.slow
@pytest.mark.parametrize(("first", "end"), RANGES)
def test_no_other_is_to_be_left_out(first, end):
    """Of all seeds that tests ask for; what gives no instance ends a test that asks for it, too."""
    for integers in (True, False):
        found = {seed for seed in range(first, end) if hopeless(seed, integers=integers)}
        assert found <= HOPELESS[integers], sorted(found - HOPELESS[integers])


@pytest.mark.parametrize("seed", portion(range(60), quick=3))
def test_periods_are_those_of_the_instance(seed):
    assert labels_of(seed) == Reading(random_instance(seed)).labels
