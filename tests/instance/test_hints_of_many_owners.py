"""Suggestions for misspelt ids are worked out for a bounded number of sites; those after them are still told where to look."""

from __future__ import annotations

from planner.instance.checks.structure import LISTED, _Hints


def test_after_many_sites_a_hint_names_where_to_look_and_those_before_still_name_the_nearest():
    hints = _Hints()
    near = [hints.nearest(f"site-{number}", {"die", "wafer"}, "waferr") for number in range(LISTED)]
    assert all("wafer" in text for text in near)
    assert hints.nearest("one-more", {"die", "wafer"}, "waferr") == "See the processes of one-more."
    assert hints.nearest("site-0", {"die", "wafer"}, "waferr") == near[0]
