"""What units touch, as the page tells it: the share of the exposure table, without that table."""

from functools import cache

import pytest
import toys

import planner
from planner.instance.scenario import Scenario
from planner.plan.measures.pathway import pathway_summary
from planner.report.sections.pathways import share_touched, touched
from planner.serve.figures import cards, headline
from planner.serve.pair import pair_of
from planner.study.stress.surprise import stress_one
from planner.study.stress.undisturbed import Undisturbed

OUT = {"name": "out", "changes": [{"change": "outage", "where": {"site": "pack-a"}, "period": "P2"}]}


@cache
def before():
    """The plan that others are held against; its tables may be there already."""
    return Undisturbed.of(toys.toy(), toys.TRACED)


def struck():
    """A plan that an outage strikes without warning."""
    return stress_one(before(), Scenario.model_validate(OUT)).plan


def whole():
    return planner.solve(toys.program(toys.toy(), toys.TRACED))


@pytest.mark.parametrize("made", [whole, struck])
def test_the_share_alone_is_that_of_the_exposure_table(made):
    plan, known, first = made(), made(), before().plan
    regions = [row["of"] for row in pathway_summary(first.exposure) if row["over"] == "region"]
    assert {"TW", "US", "asia"} <= set(regions)
    shares = {}
    for region in regions:
        pair = pair_of(toys.toy(), "before", first, plan, region)
        shares[region] = share_touched(pair, pair.names[-1])
        assert "exposure" not in plan.tables.made()
        assert shares[region] == plan.touched_shares.get(region)
    for region in regions:
        pair = pair_of(toys.toy(), "before", first, known, region)
        wanted = touched(pair, pair.names[-1])
        assert shares[region] == (None if wanted is None else wanted.share)
        assert share_touched(pair, pair.names[-1]) == shares[region]


def test_the_sentence_and_the_cards_ask_for_no_exposure():
    plan = planner.solve(toys.toy())
    pair = pair_of(toys.toy(), "before", before().plan, plan, "TW")
    assert "of units touch" in headline(pair)
    assert [card.what for card in cards(pair)][-1] == "Touch TW"
    assert "exposure" not in plan.tables.made()
