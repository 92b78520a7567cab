"""A change is one place: nothing asks of which kind a change is, and one that is made up here works everywhere."""

import ast

import pytest
import toys
from ruamel.yaml import YAML
from sources import MODULES, PACKAGE, nodes

from planner.instance.applying import apply_scenario
from planner.instance.changes.catalogue import CHANGES
from planner.instance.changes.change import Change
from planner.instance.scenario import Scenario
from planner.study.stress.worth_of_resilience import sites_struck

HOME = PACKAGE / "instance" / "changes"
KINDS = {kind.__name__ for kind in CHANGES.values()}
MAKES = {"serve/wishes.py"}  # writes the changes that a page is asked for, and reads none


def asked_by_kind(tree):
    """(line, what) wherever one kind of change is told from others."""
    for node in tree:
        if isinstance(node, ast.alias) and node.name in KINDS:
            yield node.lineno, node.name
        elif isinstance(node, ast.Name | ast.Attribute) and getattr(node, "attr", getattr(node, "id", "")) in KINDS:
            yield node.lineno, getattr(node, "attr", getattr(node, "id", ""))
        elif (
            isinstance(node, ast.Compare)
            and any(getattr(side, "attr", "") == "change" for side in (node.left, *node.comparators))
            and any(
                isinstance(side, ast.Constant) and side.value is not None for side in (node.left, *node.comparators)
            )
        ):
            yield node.lineno, "change"


def test_nothing_asks_of_which_kind_a_change_is():
    found = [
        f"planner/{path.relative_to(PACKAGE)}, line {line}: {what}"
        for path in MODULES
        if HOME not in path.parents and str(path.relative_to(PACKAGE)) not in MAKES
        for line, what in asked_by_kind(nodes(path))
    ]
    assert not found, "What is known of a change is carried by its class:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "text", ["isinstance(part, OutageChange)", 'part.change == "outage"', "from a import YieldChange"]
)
def test_the_reader_sees_what_it_should(text):
    assert list(asked_by_kind(ast.walk(ast.parse(text))))


@pytest.mark.parametrize("word", CHANGES)
def test_a_change_has_an_example_that_is_one(word):
    assert CHANGES[word].model_validate(YAML(typ="safe").load(CHANGES[word].example)).word() == word


class HolidayChange(Change):
    """Nobody orders anything."""

    def finds(self, universe, records):  # noqa: ARG002
        """Where anything is ordered."""
        return bool(records("demand"))

    def apply(self, instance):
        """Without orders."""
        return instance.replace(demand=())

    def sites_struck(self, instance):
        """All of them."""
        return frozenset(row.site for row in instance.sites)


def test_a_change_that_is_made_up():
    instance, scenario = toys.tiny(), Scenario.model_construct(name="holiday", changes=(HolidayChange(),))
    assert apply_scenario(instance, scenario).demand == ()
    assert sites_struck(instance, scenario) == {"plant"}
