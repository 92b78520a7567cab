"""What units touch, as the page tells it: the share of the exposure table, without that table."""

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


def struck():
    """A plan that an outage strikes without warning."""
    found = stress_one(Undisturbed.of(toys.toy(), toys.TRACED), Scenario.model_validate(OUT))
    return found.plan


def whole():
    return planner.solve(toys.toy(), toys.TRACED)


@pytest.mark.parametrize("made", [whole, struck])
def test_the_share_alone_is_that_of_the_exposure_table(made):
    plan = made()
    before = whole()
    regions = [row["of"] for row in pathway_summary(before.exposure) if row["over"] == "region"]
    assert {"TW", "US", "asia"} <= set(regions)
    for region in regions:
        pair = pair_of(toys.toy(), "before", before, plan, region)
        share = share_touched(pair, pair.names[-1])
        assert "exposure" not in plan.tables.made()
        assert share == plan.touched_shares.get(region)
        known = pair_of(toys.toy(), "before", before, made(), region)
        wanted = touched(known, known.names[-1])
        assert share == (None if wanted is None else wanted.share)
        assert share_touched(known, known.names[-1]) == share


def test_the_sentence_and_the_cards_ask_for_no_exposure():
    plan = planner.solve(toys.toy())
    pair = pair_of(toys.toy(), "before", whole(), plan, "TW")
    assert "of units touch" in headline(pair)
    assert [card.what for card in cards(pair)][-1] == "Touch TW"
    assert "exposure" not in plan.tables.made()
