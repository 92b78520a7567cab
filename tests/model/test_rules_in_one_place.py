"""A rule is one place: nothing asks for a family by its name, and one that is made up here works everywhere."""

import ast

import numpy as np
import pandas as pd
import pytest
import toys
from sources import MODULES, PACKAGE, nodes

import planner
import planner.model.layout
from planner.model.catalogue import FAMILIES
from planner.model.family import Family
from planner.model.loosening import Loosening, Turn
from planner.model.words.lines import Line, Wording
from planner.model.words.names import period_name
from planner.plan.price_checks import with_ranges

HOME = PACKAGE / "model" / "constraints"
NAMES = {family.name for family in FAMILIES}
# names of families that are words of the data as well: tables, columns, measures of limits, changes
DATA = {"buffer", "capacity", "commitment", "lane_capacity", "stock_maximum", "stock_minimum"}


def asked_by_name(tree):
    """(line, name) wherever a family is asked for by its name."""
    for node in tree:
        if isinstance(node, ast.Constant) and node.value in NAMES - DATA:
            yield node.lineno, node.value
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "family_rows":
            yield node.lineno, "family_rows"
        elif isinstance(node, ast.Compare):
            for side in (node.left, *node.comparators):
                owner = getattr(side, "value", None)
                named = getattr(side, "attr", "") == "name" and getattr(owner, "attr", getattr(owner, "id", ""))
                if named == "family":
                    yield node.lineno, "family.name"


def test_nothing_asks_for_a_family_by_its_name():
    found = [
        f"planner/{path.relative_to(PACKAGE)}, line {line}: {name}"
        for path in MODULES
        if HOME not in path.parents
        for line, name in asked_by_name(nodes(path))
        if not (path == PACKAGE / "model" / "layout.py" and name == "family.name")  # where a name is looked up
    ]
    assert not found, "What is known of a rule is carried by its family:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        'program.family_rows("capacity")',
        'limits = ("stage_limit", "pathway_limit")',
        'rows.family.name == "capacity"',
        "family.name in {word}",
    ],
)
def test_the_reader_sees_what_it_should(text):
    assert list(asked_by_name(ast.walk(ast.parse(text))))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_family_says_all_that_it_claims(family):
    kind = type(family)
    assert family.wordings
    assert (family.turn is not None) == (kind.loosenings is not Family.loosenings)
    assert bool(family.promise) == (kind.worth is not Family.worth)
    assert bool(family.choke_point) == (kind.choke_points is not Family.choke_points)
    assert family.turn is None or not family.by_nature, "what holds by nature cannot be loosened"


def test_choke_points_are_told_apart():
    kinds = [family.choke_point for family in FAMILIES if family.choke_point]
    assert len(kinds) == len(set(kinds))


# a rule that is not in the catalogue: the docks of the plant

DOCKS = Wording("docks", lambda phrase: f"The docks of {phrase['site']} take {phrase.span()} {phrase.when}.")
MORE_DOCKS = Wording("more_docks", lambda phrase: f"build docks at {phrase['site']} {phrase.when} {phrase.raised}")


class Docks(Family):
    """What leaves a site in a period fits its docks.

    sum_(l out of s, i) ship[l,i,t] <= 6
    """

    name = "docks"
    over = ("site", "period")
    sense = "<="
    unit = "units"
    wordings = (DOCKS,)
    turn = Turn.CAPACITIES
    choke_point = "dock"

    def left(self, network, x):  # noqa: ARG002
        """Departures."""
        return x.ship.sum({"site": "from", "period": "period"})

    def right(self, network):
        """Six units each."""
        rows = network.ship[["from", "period"]].drop_duplicates().rename(columns={"from": "site"})
        return rows.assign(right=6.0)

    def line(self, network, labels, right):
        """A site is a site."""
        return Line(DOCKS, {"site": str(labels[0]), "period": period_name(network, labels[1])}, (right,))

    def loosenings(self, network, labels, right):
        """More docks."""
        for row, label in enumerate(labels.itertuples(index=False, name=None)):
            yield row, Loosening(MORE_DOCKS, self.line(network, label, 0.0).labels, float(right[row]))

    def choke_points(self, network, x, labels, values):
        """Use of the docks."""
        sent = pd.Series(values[x.ship.span]).groupby(network.ship["from"].to_numpy()).sum()
        used = labels["site"].map(sent).to_numpy(dtype=float)
        return pd.DataFrame(
            {"name": labels["site"], "site": labels["site"], "region": "", "stage": "", "used": used, "capacity": 6.0}
        )


@pytest.fixture
def docks(monkeypatch):
    """The catalogue with the rule at its end."""
    monkeypatch.setattr(planner.model.layout, "FAMILIES", (*FAMILIES, Docks()))


@pytest.mark.usefixtures("docks")
class TestARuleThatIsMadeUp:
    def test_a_row_is_said(self):
        program = planner.formulate(toys.tiny())
        assert toys.row_words(program, program.rows_of(Docks)[0]) == "The docks of plant take 6 in 1."

    def test_a_conflict_names_it_and_says_how_to_loosen_it(self):
        must = [{"customer": "shop", "item": "unit", "quantity": 10, "price": 100, "must_serve": 1}]
        with pytest.raises(planner.InfeasibleError) as caught:
            planner.solve(planner.formulate(toys.tiny(demand=must)))
        assert "The docks of plant take 6 in 1." in caught.value.conflict
        repairs = {part["text"]: part["cost"] for part in caught.value.repair}
        assert repairs["build docks at plant in 1 from 6 to 10"] == pytest.approx(10)

    def test_it_is_a_choke_point_with_a_price_that_is_checked(self):
        program = planner.formulate(toys.tiny())
        plan = planner.solve(program)
        point = plan.choke_points.set_index("kind").loc["dock"]
        assert [point["name"], point["period"]] == ["plant", "1"]
        assert [point["used"], point["capacity"], point["utilisation"]] == pytest.approx([6, 6, 1])
        assert point["shadow_price"] == pytest.approx(100 - 1), "a unit more is a unit less that is lost"
        table, checks = with_ranges(plan.choke_points, program, np.asarray(plan.values))
        held = table.set_index("kind").loc["dock"]
        assert [held["shadow_price"], held["valid_from"], held["valid_to"]] == pytest.approx([99, 0, 10])
        assert checks["verified"].all()


def test_the_readme_shows_a_rule_and_a_change_as_they_are():
    """Every added line of its examples stands in the file that it names."""
    house, shown, missing = PACKAGE / "README.md", "", []
    for line in house.read_text(encoding="utf-8").splitlines():
        if line.startswith("--- planner/"):
            shown = (PACKAGE.parent / line.removeprefix("--- ")).read_text(encoding="utf-8")
        elif line.startswith("+") and line[1:] not in shown.splitlines():
            missing.append(line)
    assert shown
    assert not missing
