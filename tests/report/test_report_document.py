"""The report as a document: its limits, its names, its order for a screen reader, and what its first screen says."""

import dataclasses
import math
import re
from functools import partial
from html.parser import HTMLParser
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
import toys
from test_report_answer import findings
from test_report_pathways import chain
from test_report_resilience import NAMED
from test_report_resilience import instance as plants_of

from planner.instance.loading import load_instance
from planner.plan.planning import solve
from planner.report.findings import Concern, Findings
from planner.report.markdown import inline
from planner.report.names import Names, short
from planner.report.page.claims import _dearest, _over_time, claims
from planner.report.page.grids import Grid
from planner.report.page.html import page_of
from planner.report.page.study_claims import price_claim, recovery_claim, survival_claim
from planner.report.pictures.bars import split_bars
from planner.report.pictures.over_time import recovery, shares_over_time
from planner.report.pictures.places import exceptions, region_places, world
from planner.report.pictures.policies import trade
from planner.report.pictures.sankey import flows, unit_paths
from planner.report.pictures.svg import DARK, LIGHT
from planner.report.sections.answer import extra_cost
from planner.report.sections.cards import cards
from planner.report.sections.first_screen import MOST_WORDS, basis, headline, word_count
from planner.report.sections.frontier import frontier_sentence
from planner.report.sections.recommendation import _together, latest_decision, recommendation
from planner.report.sections.service_words import service_line, service_of
from planner.report.studies import Studies
from planner.report.summary import summary_text
from planner.report.tables.report import report_tables
from planner.report.tables.strikes import NEVER
from planner.study.runs import survey

MAIN_WORDS, CLAIM_WORDS = 2500, 80
VOID = {"meta", "link", "br", "hr", "img", "input"}


class Outline(HTMLParser):
    """Headings, ids, links, tables and what they stand in, and the words of the main text that no table holds."""

    def __init__(self, text):
        super().__init__()
        self.open, self.headings, self.ids, self.links, self.loose, self.words = [], [], [], [], 0, []
        self.landmarks, self.unnamed = [], 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag not in VOID:
            self.open.append((tag, found))
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"][1:]] if found.get("href", "").startswith("#") else []
        inside = [name for name, _ in self.open]
        self.loose += tag == "table" and "details" not in inside
        self.landmarks += [tag] if tag in {"main", "nav"} else []
        self.unnamed += tag == "figure" and "aria-labelledby" not in found
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        inside = [name for name, _ in self.open]
        unseen = any("unseen" in (found.get("class") or "") for _, found in self.open)
        if "main" in inside and not {"details", "svg", "script", "style"} & set(inside) and not unseen:
            self.words.append(data)


@pytest.fixture(scope="module")
def page(struck):
    return page_of(*struck).text


def test_limits_of_the_main_text(struck, page):
    found, tables = struck
    assert 150 < word_count(" ".join(Outline(page).words)) <= MAIN_WORDS
    told = claims(found, tables, Names.of_instance(found.instance))
    assert [claim.name for claim in told] == ["stages", "time", "losses", "recovery", "survival", "price", "use"]
    assert all(word_count(claim.text) <= CLAIM_WORDS for claim in told)
    assert all(claim.pictures for claim in told)


def test_every_table_is_folded(page):
    assert page.count("<table>") > 15
    assert Outline(page).loose == 0


def test_no_table_and_no_paragraph_stands_twice(page):
    captions = re.findall(r"<caption>(.*?)</caption>", page)
    assert len(captions) == len(set(captions))
    paragraphs = [text for text in re.findall(r"<p>(.*?)</p>", page, re.DOTALL) if len(text) > 40]
    assert len(paragraphs) == len(set(paragraphs))


def test_the_outline_is_in_order_for_who_hears_it(page):
    outline = Outline(page)
    assert outline.headings[0] == outline.headings.count(1) == 1
    steps = zip(outline.headings, outline.headings[1:], strict=False)
    assert all(after <= before + 1 for before, after in steps)
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.links) <= set(outline.ids)
    assert sorted(outline.landmarks) == ["main", "nav"]
    assert outline.unnamed == 0
    assert '<html lang="en">' in page


def test_names_instead_of_ids(page):
    """In what is seen: cells of tables, words of pictures and sentences; `shared` and `out` have no other name."""
    seen = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    texts = [re.sub(r"\s+", " ", text).strip() for text in re.findall(r">([^<>]+)<", seen)]
    for names in NAMED.values():
        for name, words in names.items():
            assert name not in texts, name
            assert any(short(words) in text for text in texts), words


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_words_can_be_read_on_the_paper(colours):
    """WCAG 2 AA: 4.5 to 1 for text; 3 to 1 for what only marks."""

    def light(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))

    def contrast(one, other):
        bright, dark = sorted((light(one), light(other)), reverse=True)
        return (bright + 0.05) / (dark + 0.05)

    for name in ("ink", "soft", "accent"):
        assert contrast(colours[name], colours["paper"]) >= 4.5, name
    for name in ("touched", "free"):
        assert contrast(colours[name], colours["paper"]) >= 3, name


def test_pictures_are_files_of_their_own(struck):
    drawn = page_of(*struck).pictures
    assert [picture.name for picture in drawn] == [
        *("independence", "stages", "shares-over-time", "losses", "recovery", "survival", "price", "use")
    ]
    for picture in drawn:
        root = ET.fromstring(picture.file_text())
        assert root.find("{http://www.w3.org/2000/svg}title").text == picture.title
        assert not re.search(r"\b(nan|inf)\b", picture.file_text(), re.IGNORECASE), picture.name
        assert not re.search(r"(?:href|src)=|url\(", picture.file_text())


@pytest.mark.parametrize(
    "found",
    [
        chain,
        partial(chain, units={"free": 0.998, "front": 0.6, "wide": 0.8}),
        partial(chain, units=dict.fromkeys(("free", "front", "wide"), 1.0)),
        findings,
        partial(findings, wide=(95, 0.6, 0.5)),
    ],
)
def test_the_line_is_short(found):
    assert 4 < word_count(headline(found())) <= MOST_WORDS


def test_the_line_says_what_the_numbers_say():
    assert headline(chain()) == (
        "Limiting wafer alone frees 3 % of units from TW for USD 10 more; limiting the whole chain frees 20 % for USD 5 "
        "more."
    )
    assert "leaves 100 % of units touching TW" in headline(chain(units=dict.fromkeys(("free", "front", "wide"), 1.0)))
    assert "less" in headline(findings(wide=(95, 0.6, 0.5)))


def test_the_line_of_long_names_is_cut_to_what_fits():
    found = chain()
    found.__dict__["concern"] = dataclasses.replace(found.concern, title=" ".join(["very"] * 30))
    assert word_count(headline(found)) <= MOST_WORDS


def test_bands_add_up_to_the_units_and_turn_colour_where_they_touch():
    base = toys.toy()
    plan = solve(base)
    found = Findings(base, {(None, None): plan})
    paths = unit_paths(found, None, list(base.stages))
    assert sum(paths.values()) == pytest.approx(plan.service_summary["delivered"], rel=1e-6)
    inside = set(found.concern.regions)
    names = {found.region_name(region) for region in inside}
    for regions, hit in paths:
        assert hit == tuple(bool(names & set(part.split(" + "))) for part in regions)
    made = plan.production[plan.production["period"].isin(found.periods)]
    assert {region for regions, _ in paths for part in regions for region in part.split(" + ")} <= {*made["region"]}
    [drawing] = flows(found).drawings
    assert drawing.body.count("<path") == 4  # dies of US and TW to KR, on to US, and to US


@pytest.mark.parametrize("region", ["TW", "US", "KR"])
def test_bands_of_units_from_stock_count_what_the_exposure_counts(region):
    """Chips, packages and dies that are there already: worked on where they stand, or brought there by others."""
    base = toys.toy(
        stocks=[
            {"site": "test", "item": "chip", "opening": 2, "worked_here": "no", "touched": "TW+KR"},
            {"site": "pack-a", "item": "package", "opening": 3},
            {"site": "pack-b", "item": "die", "opening": 4, "worked_here": "no"},
        ],
        arrivals=[
            {"site": "pack-b", "item": "die", "period": "P1", "quantity": 2},
            {"site": "test", "item": "chip", "period": "P2", "quantity": 1, "worked_here": "no", "touched": "KR"},
        ],
    )
    plan = solve(base)
    found = Findings(base, {(None, None): plan})
    found.__dict__["concern"] = Concern(region, region, (region,))
    paths = unit_paths(found, None, list(base.stages))
    free = sum(units for (_, hit), units in paths.items() if not any(hit))
    assert sum(paths.values()) == pytest.approx(plan.service_summary["delivered"], rel=1e-6)
    assert free / sum(paths.values()) == pytest.approx(1 - plan.touched_shares[region], abs=1e-6)
    words = {part for regions, _ in paths for part in regions}
    assert "-" not in words
    assert "done before" in words
    assert flows(found).describes.endswith("touch it nowhere.")


def test_a_waterfall_ends_at_the_whole_difference():
    found = chain()
    split = pd.DataFrame(
        [("wafer limits", 10.0, math.nan, ""), ("packaging limits", -5.0, -2.0, "")],
        columns=["part", "cost", "other_order", "reason"],
    )
    picture = split_bars(dataclasses.replace(found, studies=dataclasses.replace(found.studies, split=split)))
    assert picture.describes.endswith("wafer limits +USD 10, packaging limits −USD 5; together +USD 5.")
    unknown = split.assign(cost=math.nan)
    assert split_bars(dataclasses.replace(found, studies=dataclasses.replace(found.studies, split=unknown))) is None


def test_the_map_places_a_region_at_the_mean_of_its_sites():
    places = {"east": (24.0, 120.0), "west": (34.0, -112.0)}
    base = plants_of()
    sites = [
        row.model_copy(update=dict(zip(("latitude", "longitude"), places[row.site], strict=True))) for row in base.sites
    ]
    found = Findings(base.replace(sites=sites), survey(base, [None], [None]))
    assert region_places(found) == {"TW": (24.0, 120.0), "US": (34.0, -112.0)}
    assert "TW 100 %" in world(found).describes
    assert world(Findings(base, survey(base, [None], [None]))) is None


def test_large_figure_is_the_one_without_warning(struck):
    found, _ = struck
    figure, words = cards(found)[0].worst
    loss = max(row.loss for row in found.studies.stressed if row.policy == found.first)
    assert figure == f"USD {loss:,.4g}"
    assert "without warning" in words


def waiting(**demand):
    """10 ordered in each of two reported quarters of 2027 and one after; 6 can be made in each, 12 in the last."""
    return toys.two_plants(
        periods={"first": "2027Q3", "count": 3, "length": "quarter"},
        report_periods="2027Q3..2027Q4",
        demand=[
            {"customer": "shop", "item": "unit", "period": "2027Q3..2027Q4", "quantity": 10, "price": 100, **demand}
        ],
        capacities=[
            {"site": "east", "period": "2027Q3..2027Q4", "capacity": 6},
            {"site": "east", "period": "2028Q1", "capacity": 12},
            {"site": "west", "capacity": 0},
        ],
    )


def served(base):
    plan = solve(base)
    found = Findings(base, {(None, None): plan})
    return service_of(plan), service_line(found, service_of(plan))


def test_service_in_the_words_of_an_order_desk():
    service, said = served(waiting(late_cost=1))
    assert (service.delivered, service.open, service.lost, service.never) == pytest.approx((12, 8, 0, 0))
    assert service.back == "2028Q1"
    assert said == "of 20 ordered, delivered by end 2027; the other 8 come by 2028Q1; none lost"


def test_what_cannot_wait_is_lost():
    service, said = served(waiting())
    assert service.lost == pytest.approx(8)
    assert said == "of 20 ordered, delivered by end 2027; 8 lost"


def test_dates_are_lead_times_before_an_option_counts(struck):
    found, _ = struck
    [option] = {row.option for row in found.instance.expansions}
    row = found.instance.expansions[0]
    labels = found.instance.periods.labels
    at = found.instance.periods.window(row.period).start - row.lead_time
    assert latest_decision(found, option) == (labels[at] if at >= 0 else f"before {labels[0]}")


def test_recommendation_weighs_cost_against_expected_loss(monkeypatch):
    """free 50, front 60, wide 15 lost at 0.1: wide saves 3.5 for 5, so strikes must be 5 / 3.5 times as likely."""
    found = findings()
    losses = {"free": 5.0, "front": 6.0, "wide": 1.5}
    monkeypatch.setattr("planner.report.sections.recommendation.expected_losses", lambda _: losses)
    [(what, words), *_] = recommendation(found, Names.of_instance(found.instance))
    assert what == "Choose wide only if strikes are at least 1.4 times as likely as assumed"
    assert "costs USD 5 more and saves USD 3.5 of expected loss; else free" in words
    losses["free"] = 9.0
    assert recommendation(found, Names.of_instance(found.instance))[0][0] == "Choose wide"
    losses.update(free=5.0, wide=4.9)  # 0.1 for 5: they would have to come 50 times as often, and come in one of ten
    struck = [SimpleNamespace(policy=name, scenario="strike") for name in losses]
    found = dataclasses.replace(found, studies=dataclasses.replace(found.studies, stressed=struck))
    found.__dict__["probability"] = {"strike": 0.1}
    [(what, words), *_] = recommendation(found, Names.of_instance(found.instance))
    assert what == "Stay with free"
    assert words == (
        "wide costs USD 5 more and saves USD 0.1 of expected loss; strikes cannot be 50 times as likely as assumed, "
        "as it would take for that to pay"
    )
    losses.update(free=9.0, front=9.0, wide=9.0)
    assert recommendation(found, Names.of_instance(found.instance))[0][0] == "Stay with free"
    losses["wide"] = math.nan
    assert not any(what.startswith("Choose") for what, _ in recommendation(found, Names.of_instance(found.instance)))


def test_a_stage_is_not_called_by_the_name_of_an_item():
    """Where an item has the id of its stage, shares of the stage were shown as those of the item."""
    tables = plants_of().as_mapping()
    tables["items"] = [{**row, "name": f"The {row['item']}"} for row in tables["items"]]
    item, stage = tables["items"][0]["item"], tables["items"][0]["stage"]
    names = Names.of_instance(
        load_instance({**tables, "policies": [], "stages": [item], "items": [{**tables["items"][0], "stage": item}]})
    )
    grid = Grid("", ("stage", "item", "row"), ((item, item, f"Taiwan: {item}"),), texts=(0, 1, 2))
    assert names.grid(grid).rows == ((item, f"The {item}", f"Taiwan: {item}"),)
    assert Names.of_instance(load_instance(tables)).cell(f"Taiwan: {item}") == f"Taiwan: The {item}"
    assert stage != item


def test_names_of_cells_and_sentences():
    names = Names({"fab-a": "Fab A", "fab-b": "Fab B", "unit": "The unit"})
    assert names.cell("fab-a / unit") == "Fab A / The unit"
    assert names.cell("fab-a+fab-b") == "Fab A+Fab B"
    assert names.cell("a unit of fab-a") == "a unit of fab-a"  # a sentence is no cell
    assert names.sentence("a unit of fab-a, not of fab-ab") == "a unit of Fab A, not of fab-ab"


def test_no_line_ends_within_the_label_of_a_month():
    """Browsers break `2027-03` behind its hyphen; the letters stay, so that it can be searched for."""
    title = "Orders of 2027-01, not of 2027-011 or x-2027-01"
    base = plants_of(periods="2027-01..2027-02", expansions=[], scenarios=[], title=title)
    found = Findings(base, survey(base, [None], [None]), Studies())
    text = page_of(found, report_tables(found)).text
    kept = '<span style="white-space: nowrap">2027-01</span>'
    assert f"Orders of {kept}, not of 2027-011 or x-2027-01</p>" in text
    assert "<title>Orders of 2027-01, not of" in text
    running = re.sub(r"<(svg|script|style|title|table)\b.*?</\1>", "", text.replace(kept, ""), flags=re.DOTALL)
    running = re.sub(r'<span style="white-space: nowrap">2027-02</span>', "", running)
    assert re.findall(r"(?<![\w-])2027-0[12](?![\w-])", re.sub("<[^>]*>", "", running)) == []
    assert text.count(kept) > 3


def test_without_studies_there_is_a_page():
    base = plants_of()
    found = Findings(base, survey(base, [None], [None]), Studies())
    text = page_of(found, report_tables(found)).text
    assert "The plan without a policy serves 100\u00a0% of what is ordered" in text
    assert "What it rests on" in text
    assert "What to decide" not in text  # the only plan buys nothing, and nothing strikes


def test_the_summary_says_the_answer_in_short_sentences_and_what_to_decide(struck):
    found, tables = struck
    text = summary_text(found, tables)
    answer, _, rest = text.partition("## What to decide")
    bullets = [line for line in answer.splitlines() if line.startswith("- ")]
    assert bullets
    assert all(line.endswith(".") and "; " not in line for line in bullets)
    decisions = rest.partition("## Figures")[0]
    for what, words in recommendation(found, Names.of_instance(found.instance)):
        assert inline(what) in decisions
        assert inline(words) in decisions
    by_customer = text.partition("| customer |")[2].splitlines()[2]
    assert by_customer.startswith("| The corner shop |")  # by its name, not by its id


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([("wafer limits", 4.0), ("test limits", 1.0)], "; most of it is wafer limits"),
        ([("wafer limits", 2.5), ("test limits", 2.5)], "; the largest part is wafer limits"),
        ([("wafer limits", 2.0), ("test limits", 1.5), ("pathway floors", 1.5)], "; the largest part is wafer limits"),
        ([("wafer limits", math.nan), ("test limits", math.nan)], ""),
        ([("wafer limits", 0.0), ("test limits", -1.0)], ""),
    ],
)
def test_only_more_than_half_is_most_of_it(parts, said):
    """wide costs 5 more than free."""
    found = findings()
    split = pd.DataFrame([(*part, math.nan, "") for part in parts], columns=["part", "cost", "other_order", "reason"])
    studies = dataclasses.replace(found.studies, split=split)
    assert _dearest(dataclasses.replace(found, studies=studies), 5.0) == said


def test_a_change_of_cost_is_said_in_words():
    """free costs 1000 or so: a change of a millionth of it is none."""
    found = findings()
    assert extra_cost(found, 5.0) == "USD 5 more"
    assert extra_cost(found, -5.0) == "USD 5 less"
    assert extra_cost(found, 0.0) == extra_cost(found, math.nan) == "no more"


def test_options_of_one_date_say_once_that_there_is_more():
    assert _together(["more at Penang (30 %)", "more at Songdo"]) == "more capacity at Penang (30 %) and Songdo"
    assert _together(["the new line", "more at Songdo"]) == "the new line and more at Songdo"


def test_the_first_screen_says_of_when_the_data_are(struck):
    found, _ = struck
    assert ", as of a date not given, content " in dict(basis(found))["Data"]
    settings = found.instance.settings.model_copy(update={"as_of": "May 2026"})
    dated = dataclasses.replace(found, instance=found.instance.model_copy(update={"settings": settings}))
    assert ", as of May 2026, content " in dict(basis(dated))["Data"]


def test_two_names_that_begin_alike_are_told_apart():
    names = Names({"a": "The foundry, Tainan", "b": "The foundry, Kumamoto", "c": "The packer, Penang"})
    assert [names.short(name) for name in "abc"] == ["The foundry, Tainan", "The foundry, Kumamoto", "The packer"]


def test_a_policy_that_costs_less_and_loses_more_is_told_so(monkeypatch):
    """wide costs 4 less than free and adds 1 to what strikes are expected to take."""
    found = findings(wide=(96, 0.6, 0.5))
    losses = {"free": 5.0, "front": 6.0, "wide": 6.0}
    monkeypatch.setattr("planner.report.sections.recommendation.expected_losses", lambda _: losses)
    [(what, words), *_] = recommendation(found, Names.of_instance(found.instance))
    assert what == "Choose wide"
    assert words == "it costs USD 4 less and adds USD 1 to the expected loss"


@pytest.mark.parametrize(("wide", "least"), [(105, True), (96, False)])
def test_only_the_cheapest_policy_has_the_least_cost(monkeypatch, wide, least):
    monkeypatch.setattr("planner.report.pictures.policies.share_touched", lambda *_: 0.9)
    picture = trade(findings(wide=(wide, 0.6, 0.5)))
    assert (">least cost," in picture.drawings[0].body) == least


def test_a_line_of_shares_ends_where_nothing_is_made():
    """In P3 nothing is made of a stage, so that no region has a share of it: it is not a share of 0."""
    base = toys.toy()
    found = Findings(base, {(None, None): solve(base)})
    stage, region = base.stages[0], found.concern.regions[0]
    rows = [("P1", 0.5), ("P2", 0.25)]
    table = pd.DataFrame([(found.label(None), stage, region, period, share) for period, share in rows])
    table.columns = ["policy", "stage", "region", "period", "weighted_share"]
    picture = shares_over_time(found, table.assign(weight="units", limit=0.6))
    [drawing] = picture.drawings
    assert picture.title == f"Share of {found.concern.title} by period, {found.label(None)}"  # not against itself
    assert [name for name, _ in picture.key] == [found.label(None), f"limits of {found.label(None)}"]
    [points] = re.findall(r'points="([^"]*)" fill="none" stroke="var\(--soft\)"', drawing.body)
    assert len(points.split()) == 2


def test_figures_of_an_axis_have_room():
    rows = [("p", "s", period, 12_345.0, 12_345.0, 1_000.0) for period in ("P1", "P2")]
    columns = ["policy", "scenario", "period", "demand", "undisturbed", "delivered"]
    found = findings()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planner.report.pictures.over_time.worst_strike", lambda _: "s")
        patch.setattr("planner.report.pictures.over_time.colours", lambda _: {"p": "red"})
        picture = recovery(found, pd.DataFrame(rows, columns=columns), Names({}))
    right = float(re.search(r'x="([\d.]+)"[^>]*>12,345<', picture.drawings[0].body)[1])
    assert right >= len("12,345") * 6


@pytest.mark.parametrize(
    ("late", "said"),
    [
        ((0.5, 1.0), "Packing is full in every period but P2 (98.0 %), P3 (50.0 %)."),
        ((1.0, 0.0), "Packing is full in every period to P3 but P2 (98.0 %)."),
        ((0.0, 0.0), "Packing is full in every period to P2 but P2 (98.0 %)."),
    ],
)
def test_what_no_order_can_wait_for_is_not_idle(late, said):
    """In the last periods nothing is started any more, which is no room to spare; P1 is full, P2 nearly."""
    found = findings()
    used = [("packing", f"P{at}", share) for at, share in enumerate((1.0, 0.98, *late), start=1)]
    used += [("making", f"P{at}", 0.4) for at in range(1, 5)]
    table = pd.DataFrame(used, columns=["stage", "period", "used"]).assign(policy=found.label("free"), capacity=1.0)
    assert exceptions(found, table) == said


@pytest.mark.parametrize(("limit", "named"), [(0.6, True), (math.nan, False)])
def test_limits_are_in_the_key_where_they_are_drawn(limit, named):
    """A limit over the horizon is no bar at any period."""
    found = chain()
    found.__dict__["periods"] = ("P1", "P2")
    rows = [(policy, period, 0.5) for policy in ("free", "wide") for period in ("P1", "P2")]
    table = pd.DataFrame(rows, columns=["policy", "period", "weighted_share"])
    table = table.assign(stage="packaging", region=found.concern.regions[0], weight="units", limit=limit)
    picture = shares_over_time(found, table)
    assert [name for name, _ in picture.key if "limits" in name] == (["limits of wide"] if named else [])


FALLS = "TW's share falls as limits tighten and sites elsewhere open"
NEUTRAL = "TW's share of each stage over time"


@pytest.mark.parametrize(
    ("shares", "limits", "bought", "title"),
    [
        ((0.6, 0.5), (0.6, 0.5), ("fab-b",), FALLS),
        ((0.6, 0.5), (0.6, 0.5), ("fab-a", "fab-b"), FALLS),
        ((0.6, 0.5), (0.6, 0.5), ("fab-a",), NEUTRAL),  # fab-a is in TW
        ((0.6, 0.5), (0.6, 0.5), (), NEUTRAL),
        ((0.6, 0.5), (0.6, 0.6), ("fab-b",), NEUTRAL),
        ((0.5, 0.5), (0.6, 0.5), ("fab-b",), NEUTRAL),
        ((0.4, 0.5), (0.6, 0.5), ("fab-b",), NEUTRAL),
        ((0.6, 0.5), (math.nan, math.nan), ("fab-b",), NEUTRAL),
    ],
)
def test_a_share_falls_only_where_the_figures_say_so(shares, limits, bought, title):
    found = chain()
    found.__dict__["periods"] = ("P1", "P2")
    rows = [
        (policy, *row, row[1]) for policy in ("free", "wide") for row in zip(("P1", "P2"), shares, limits, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["policy", "period", "weighted_share", "limit", "share"])
    table = table.assign(stage="packaging", region="TW", weight="units")
    options = pd.DataFrame([("wide", "", site) for site in bought], columns=["policy", "scenario", "site"])
    assert _over_time(found, {"exposure": table, "options": options}).title == title


def test_service_is_back_in_a_period_whatever_its_label(struck):
    """Only the word for never says that it is not back: a period may be called "not before May"."""
    found, tables = struck
    for back, said in (("not before May", "service is back from not before May on"), (NEVER, "service is not back")):
        title = recovery_claim(found, {**tables, "strikes": tables["strikes"].assign(back=back)}, Names({})).title
        assert said in title


def test_a_strike_that_nobody_notices_leaves_no_service_to_come_back(struck):
    """It cost money alone, and what was shaded came later or never, said the page of it: nothing was shaded."""
    found, tables = struck
    for waiting, said in ((0.0, "nothing comes later or is lost"), (0.5, "service is")):
        strikes = tables["strikes"].assign(lost_units=0.0, waiting=waiting, status="optimal")
        claim = recovery_claim(found, {**tables, "strikes": strikes}, Names({}))
        assert said in claim.title
        assert ("shaded" in claim.text) == (waiting > 0)


SURVIVED = [("fab-a", 0.0), ("fab-b", 2.0)]  # periods


def test_every_stage_of_a_site_is_told():
    """A site that makes items of two stages is told with both, whichever of its processes stands last."""
    processes = [*toys.toy().as_mapping()["processes"], {"site": "fab-a", "item": "package", "recipe": "standard"}]
    found = dataclasses.replace(findings(), instance=toys.toy(processes=processes))
    columns = ["of", "periods", "weeks", "at_least", "over", "policy", "start", "recover", "recover_weeks"]
    rows = [(site, out, math.nan, "", "site", "free", "P1", math.nan, math.nan) for site, out in SURVIVED]
    told = survival_claim(found, {"survival": pd.DataFrame(rows, columns=columns)}, Names({})).text
    assert told.startswith("fab-a (packaging and wafer). ")
    assert "no limit of capacity" not in told
    rows = [
        (site, out, math.nan, "", "site", "free", "P1", math.nan, math.nan)
        for site, out in [*SURVIVED[:1], ("fab-b", 0.999)]
    ]
    told = survival_claim(found, {"survival": pd.DataFrame(rows, columns=columns)}, Names({"fab-b": "Fab B"})).text
    assert "without Fab B is never noticed" in told


def test_the_price_of_a_point_is_one_figure(struck):
    """It stands in the claim and in the appendix, which took it before and after costs were rounded."""
    found, tables = struck
    figures = re.findall(r"(\w{3} [\d.,]+(?: \w+)?) at", price_claim(found, tables).title)
    assert len(figures) == 2
    for figure in figures:
        assert f"{figure} at" in frontier_sentence(found)


def test_one_scenario_is_one_scenario():
    base = toys.two_plants(scenarios=[{"name": "more", "changes": [{"change": "demand", "factor": 1.1}]}])
    found = Findings(base, survey(base, [None], list(base.scenarios)))
    assert "undisturbed and under 1 scenario; orders of" in dict(basis(found))["Runs"]


def test_labels_of_policies_at_one_point_stay_in_the_picture(monkeypatch):
    """Three policies that cost the same and keep as much free: no name lies on another, and none is cut off."""
    monkeypatch.setattr("planner.report.pictures.policies.share_touched", lambda *_: 0.57)
    picture = trade(findings(front=(100, 0.6, 0.9), wide=(100, 0.6, 0.5)))
    for drawing in (picture.drawings[0], picture.drawings[0].narrow):
        at = [float(y) for y in re.findall(r'<text x="[\d.]+" y="([-\d.]+)"[^>]*font-weight="600"', drawing.body)]
        assert len(at) == 3
        assert min(at) >= 12
        assert all(abs(one - other) >= 30 for one in at for other in at if one is not other)
