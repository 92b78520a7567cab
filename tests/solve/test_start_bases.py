"""Where a solve begins: at the basis of the nearest earlier one, or of the baseline."""

from planner.solve.start_bases import FAR, MOST, StartBases


def test_without_earlier_solves_it_is_the_baseline():
    assert StartBases().nearest({"demand": 0.5}) is None


def test_the_nearest_of_baseline_and_earlier_solves():
    starts = StartBases()
    starts.add({"demand": 0.4}, "much more")
    starts.add({"demand": 0.4, "capacity": -0.3}, "more with less")
    starts.add({"scenario growth": FAR}, "growth")
    assert starts.nearest({}) is None
    assert starts.nearest({"demand": 0.1}) is None
    assert starts.nearest({"demand": 0.3}) == "much more"
    assert starts.nearest({"demand": 0.3, "capacity": -0.4}) == "more with less"
    assert starts.nearest({"scenario growth": FAR, "demand": 0.4}) == "growth"


def test_no_more_are_kept_than_there_is_room_for():
    starts = StartBases()
    for number in range(MOST + 1):
        starts.add({"demand": 1.0 + number}, number)
    assert len(starts.bases) == len(starts.places) == MOST
    assert starts.nearest({"demand": 2.0 + MOST}) == MOST - 1
