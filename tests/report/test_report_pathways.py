"""What the report says of finished units, of the views of what binds, and how its sentences turn with the numbers."""

import dataclasses

import pandas as pd
import pytest
from test_report_answer import findings

from planner.report.sections.answer import answer_sentence
from planner.report.sections.cards import cards
from planner.report.sections.notes import notes, view_lines
from planner.report.sections.pathway_grids import size_grid, touched_regions_grid, view_grid
from planner.report.sections.pathways import binding, move, touched, views
from planner.report.studies import Size, Studies
from planner.study.outage.n_minus_one import Losses
from planner.text.figures import nearly

UNITS = {"free": 0.998, "front": 0.97, "wide": 0.8}


def exposure(share):
    rows = [("pathway", "", "region", "TW", "horizon", share, share, share - 0.01)]
    return pd.DataFrame(rows, columns=["measure", "stage", "over", "of", "period", "share", "blended", "least"])


def points(stage):
    rows = [
        ("resource", "fab-a", "fab-a", "wafer", "P1", 10.0, 5.0 if stage == "wafer" else 1.0),
        ("resource", "pack-a", "pack-a", "packaging", "P1", 10.0, 5.0 if stage == "packaging" else 1.0),
    ]
    return pd.DataFrame(rows, columns=["kind", "name", "site", "stage", "period", "capacity", "shadow_price"])


def out(loss, region="TW"):
    table = pd.DataFrame({"over": ["region"], "of": [region], "status": ["optimal"], "loss": [loss]})
    return Losses(table, pd.DataFrame(), 100.0, 0, 0)


def chain(units=UNITS, quake="packaging", view="wafer", losses=(1000.0, 995.0, 900.0), **changes):
    """The hand-made findings with shares of units; `quake` has a probability, `view` has none."""
    found = findings(**changes)
    runs = {}
    for (name, scenario), run in found.runs.items():
        stage = quake if scenario else "packaging"
        runs[name, scenario] = dataclasses.replace(
            run, tables={**run.tables, "exposure": exposure(units[name]), "choke_points": points(stage)}
        )
        if scenario:
            tables = {**run.tables, "exposure": exposure(units[name]), "choke_points": points(view)}
            runs[name, "other"] = dataclasses.replace(run, tables=tables)
    kept = {(name, None): out(loss) for name, loss in zip(("free", "front", "wide"), losses, strict=True)}
    return dataclasses.replace(found, runs=runs, studies=Studies(region_losses=kept))


def test_sentence_says_that_the_units_stay():
    assert answer_sentence(chain()).startswith(
        "Limiting the wafer stage alone (front) takes TW's share of wafer from 90 % to 60 %, but 97 % of finished units "
        "still touch TW (99.8 % under free), and costs USD 10 (10.0 %) more than free; limiting the wafer and packaging "
        "stages alone (wide) lowers that to 80 % and costs USD 5 (5.0 %) more; in "
    )


def test_sentence_turns_when_the_units_follow():
    text = answer_sentence(chain(units={**UNITS, "front": 0.6}))
    assert (
        "takes TW's share of wafer from 90 % to 60 % and the share of finished units that touch TW from 99.8 % to 60 %"
        in text
    )
    assert "still" not in text
    assert "raises that to 80 %" in text


def test_sentence_says_when_nothing_differs():
    text = answer_sentence(chain(units=dict.fromkeys(UNITS, 1.0)))
    assert "but 100 % of finished units still touch TW (100 % under free)" in text
    assert "leaves it at 100 %" in text


def test_sentence_without_a_policy_for_the_front():
    found = chain()
    runs = {key: run for key, run in found.runs.items() if key[0] != "front"}
    assert "the share of finished units that touch TW from 99.8 % to 80 %" in answer_sentence(
        dataclasses.replace(found, runs=runs)
    )


def test_sentence_of_one_policy_says_what_units_touch():
    found = chain()
    runs = {key: run for key, run in found.runs.items() if key[0] == "free"}
    assert "of finished units touching" in answer_sentence(dataclasses.replace(found, runs=runs))


def test_never_all_unless_all():
    assert [nearly(share) for share in (1.0, 0.9983, 0.912, 0.001, 0.0)] == ["100 %", "99.8 %", "91 %", "0.1 %", "0 %"]


def test_what_binds_has_the_largest_rent():
    found = binding(chain(), "free")
    assert found.stage == "packaging"
    assert found.part == pytest.approx(5 / 6)


def test_another_view_has_no_probability_and_another_stage_binds():
    assert views(chain()) == (None, "other")
    assert views(chain(view="packaging")) == (None,)
    assert views(chain(quake="wafer", view="packaging")) == (None,)


def test_view_supports_the_point():
    (title, text), *_ = view_lines(chain())
    assert title == "Where packaging binds (undisturbed)"
    assert "Packaging has 83 % of the rent under free." in text
    assert "It costs USD 10 more than free and USD 5 more than wide." in text
    assert "With TW out for good and known in advance, cost would rise by USD 1,000 for free, USD 995 for front" in text
    assert text.endswith(
        "The numbers support the point: front moves the wafer stage, not the units, and costs more than wide, which "
        "moves more of them. Of the loss with TW out, front takes off 0.5 % and wide 10.0 %."
    )


def test_view_says_when_the_numbers_do_not_support_it():
    (_, text), *_ = view_lines(chain(units={**UNITS, "front": 0.7}))
    assert "The numbers do not support the point here" in text
    (_, text), *_ = view_lines(chain(units={**UNITS, "wide": 0.97}))
    assert "The numbers support half of the point: units stay exposed to TW, but under wide they do as well." in text
    (_, text), *_ = view_lines(chain(front=(90, 0.6, 0.9)))
    assert "But here it is cheaper than free: it buys supply, though not independence of TW" in text
    (_, text), *_ = view_lines(chain(losses=(1000.0, 900.0, 990.0)))
    assert "there the whole chain does no better than its front" in text
    (_, text), *_ = view_lines(chain(losses=(1000.0, 1010.0, 900.0)))
    assert "front takes off nothing" in text


def test_the_other_view_stands_under_the_cards():
    assert any(
        note.startswith("Where wafer binds (other): front leaves TW's share of wafer at 50 %")
        for note in notes(chain())
    )


def test_cards_show_the_units_below_the_stages():
    bar = cards(chain())[1].bars[-1]
    assert (bar.stage, bar.text, bar.change, bar.units) == ("any stage", "97 %", "−2.8 pp", True)
    assert not any(bar.units for card in cards(findings()) for bar in card.bars)


def test_without_exposure_there_is_nothing_to_say():
    assert touched(findings(), "free") is None
    assert move(findings(), "front") is None
    assert view_lines(findings()) == ()
    assert views(findings()) == (None,)


def test_view_grid_sets_stages_beside_units():
    rows = {row[0]: row[1:] for row in view_grid(chain(), None).rows}
    assert rows["TW: wafer"] == ("90.0 %", "60.0 %", "60.0 %")
    assert rows["finished units that touched TW"] == ("99.8 %", "97.0 %", "80.0 %")
    assert rows["least that separate lots could show"] == ("98.8 %", "96.0 %", "79.0 %")
    assert rows["loss with TW out for good"] == ("USD 1,000", "USD 995", "USD 900")
    assert rows["what binds: stage with the largest rent, and its part"][0] == "packaging, 83 %"


def test_regions_that_units_touched():
    assert touched_regions_grid(chain()).rows == (("TW", "99.8 %", "97.0 %", "80.0 %"),)


def test_sizes_have_seconds_on_the_page_only():
    pair = (Size(20, 10, 50, 1.25, 105.0), Size(15, 8, 30, 0.5, 103.0))
    found = dataclasses.replace(chain(), studies=Studies(sizes={"wide": pair}))
    assert size_grid(found, seconds=True).rows[0][-1] == "1.2"
    assert size_grid(found, seconds=False).rows == (
        ("wide", "with its pathway limits", "10", "20", "50", "USD 105"),
        ("wide", "without them", "8", "15", "30", "USD 103"),
    )
