"""Every public function shows an example, and the examples run; every result shows itself in a notebook."""

import doctest
import importlib
import inspect
from pathlib import Path

import pytest

import planner

ROOT = Path(__file__).parents[1]
LONG = {"report", "roll", "stress", "sweep", "two_stage"}  # of the shipped instance, or many plans
FUNCTIONS = tuple(name for name in planner.__all__ if inspect.isfunction(getattr(planner, name)))


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in LONG else ()) for name in FUNCTIONS]
)
def test_the_example_of_a_public_function_runs(name):
    function = getattr(planner, name)
    module = importlib.import_module(function.__module__)
    [test] = doctest.DocTestFinder(recurse=False).find(function, f"planner.{name}", module, globs={})
    assert test.examples, f"planner.{name} shows no example"
    said = []
    doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, out=said.append)
    assert not said, "".join(said)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_says_what_it_takes_returns_and_raises(name):
    doc = inspect.getdoc(getattr(planner, name))
    for section in ("Args:", "Returns:", "Raises:"):
        assert f"\n{section}\n" in doc, f"planner.{name} has no section {section}"
    for parameter in inspect.signature(getattr(planner, name)).parameters:
        assert parameter in doc.partition("\nArgs:\n")[2], f"planner.{name} does not describe {parameter}"
