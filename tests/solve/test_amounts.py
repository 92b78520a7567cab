"""Figures in sentences: few digits, but a difference shows, and what is to be written down is enough."""

import math
import random

import pytest

from planner.model.words.amounts import Amounts, amount_of, at_least, at_most, digits_for, exact


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (0, "0"),
        (0.25, "0.25"),
        (6.66666, "6.667"),
        (999.94, "999.9"),
        (1000.4, "1,000"),
        (4_812_345.6, "4,812,346"),
        (-12.5, "-12.5"),
    ],
)
def test_as_people_write(figure, text):
    assert amount_of(figure) == text


def test_figures_that_differ_look_different_and_others_stay_short():
    amounts = Amounts.apart([100, 99.9999, 12.34567])
    assert [amounts.of(figure) for figure in (100, 99.9999, 12.34567)] == ["100", "99.9999", "12.35"]


def test_large_figures_that_differ_look_different():
    amounts = Amounts.apart([1_234_567.9, 1_234_568.1])
    assert {amounts.of(1_234_567.9), amounts.of(1_234_568.1)} == {"1,234,567.9", "1,234,568.1"}


def test_equal_figures_need_no_more_digits():
    assert Amounts.apart([6.66666, 6.66666]).of(6.66666) == "6.667"


def test_digits_are_enough_for_a_sum():
    """60.0001 and 40 are more than 100, which four digits hide."""
    figures, weights = [60.0001, 40.0, 100.0], [1.0, 1.0, 1.0]
    digits = digits_for(figures, weights, room=1e-4)
    said = [float(amount_of(figure, digits)) for figure in figures]
    assert said[0] + said[1] > said[2]
    assert digits_for(figures, weights, room=1.0) == 4


def test_a_total_is_said_to_a_part_of_the_room():
    assert Amounts().total([2_400_000, 2_412_345]) == "4.812 M"
    assert Amounts(room=100.0).total([2_400_000, 2_412_345]) == "4.81234 M"
    assert Amounts().total([60.0001, 40]) == "100"
    assert Amounts(room=1e-4).total([60.0001, 40]) == "100.0001"
    assert Amounts().total([4_812_345]) == "4,812,345"


def test_a_span():
    assert Amounts().span([5, 5]) == "5"
    assert Amounts().span([7, 5, 6]) == "5 to 7"
    assert Amounts().span([7, 5], "..") == "5..7"


def test_rounding_is_to_the_safe_side():
    rng = random.Random(5)
    for _ in range(500):
        figure = 10 ** rng.uniform(-3, 8)
        assert figure * (1 - 3e-7) <= at_least(figure) <= figure * 1.0011
        assert figure * 0.9989 <= at_most(figure) <= figure * (1 + 3e-7)
        assert float(exact(at_least(figure)).replace(",", "")) == pytest.approx(at_least(figure), rel=1e-11)


@pytest.mark.parametrize("figure", [10.0, 14.29, 675.0, 0.7, 1e6, 99.9])
def test_a_round_figure_stays_in_spite_of_noise(figure):
    for noise in (-1e-8, 0, 1e-8):
        assert at_least(figure * (1 + noise)) == figure
        assert at_most(figure * (1 + noise)) == figure


def test_noise_is_nothing():
    assert at_most(1e-9) == 0
    assert at_most(-3.0) == 0
    assert math.copysign(1, at_most(-3.0)) == 1
