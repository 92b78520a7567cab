"""On a narrow terminal a table is shown in blocks; no figure is ever cut or broken."""

from __future__ import annotations

import io
import random

import children
import pandas as pd
import pytest

from planner.cli import show
from planner.cli.plain_console import PlainConsole
from planner.cli.wide_tables import Column, blocks, needed


@pytest.fixture
def shown(monkeypatch):
    def of(table, width, *, terminal=True, **options):
        out = io.StringIO()
        console = PlainConsole(file=out, width=width, force_terminal=terminal, color_system=None)
        monkeypatch.setattr(show, "console", lambda: console)
        show.print_table(table, **options)
        return out.getvalue()

    return of


def by_week(count):
    weeks = {f"2027-W{number:02d}": [0.729, 1.0, 0.1234] for number in range(1, count + 1)}
    return pd.DataFrame({"region": ["DE", "ES", "FR"], "product": ["cola-1l"] * 3, **weeks}), list(weeks)


@pytest.mark.parametrize("width", [30, 60, 80, 200])
@pytest.mark.parametrize("count", [1, 4, 12, 53])
def test_every_figure_is_whole(shown, width, count):
    table, weeks = by_week(count)
    text = shown(table, width, shares=weeks)
    assert "…" not in text
    assert text.count("72.9\xa0%") == text.count("100.0\xa0%") == text.count("12.3\xa0%") == count
    assert all(text.count(week) == 1 for week in weeks)
    assert max(map(len, text.splitlines())) <= width


def test_in_a_pipe_a_wide_table_stays_one(shown):
    table, weeks = by_week(30)
    text = shown(table, 120, terminal=False, shares=weeks)
    assert len(text.splitlines()) == 4
    assert "…" not in text
    assert text.count("72.9\xa0%") == 30


def test_what_fits_is_left_as_it_is(shown):
    table, weeks = by_week(3)
    assert len(shown(table, 80, shares=weeks).splitlines()) == 4


def test_two_columns_of_one_name(shown):
    assert shown(pd.DataFrame([["a", 1.0, 2.0]], columns=["of", "x", "x"]), 80).split() == [
        "of",
        "x",
        "x",
        "a",
        "1",
        "2",
    ]


def test_blocks_hold_every_column_once():
    dice = random.Random(5)
    for _ in range(300):
        columns = [
            Column(f"c{number}", ("x" * dice.randint(0, 30),), dice.random() < 0.7)
            for number in range(dice.randint(1, 15))
        ]
        found = blocks(columns, 60)
        naming = next(
            n
            for n in range(len(columns) + 1)
            if all(block[:n] == columns[:n] for block in found)
            and sum((block[n:] for block in found), columns[:n]) == columns
        )
        assert naming >= 0
        for block in found:
            assert needed(block) <= 60 or len(block) <= naming + 1


def test_help_begins_with_the_first_hour(tmp_path):
    """The three commands are shown as they are typed, and work one after the other."""
    done = children.started(children.COMMAND, "--help", env={"COLUMNS": "80"})
    lines = [line.strip() for line in done.stdout.splitlines()]
    commands = [line.split("  ")[0] for line in lines if line.startswith("planner ")][:3]
    assert [command.split()[1] for command in commands] == ["new", "check", "solve"]
    for command in commands:
        assert children.planner(*command.split()[1:], folder=tmp_path).returncode == 0
    assert (tmp_path / "run" / "run.json").exists()


def test_lines_of_help_are_broken_between_words():
    text = "head\n    a rule that is said in more words than fit\n\n  short"
    assert show._folded("    a rule that is said in more words than fit", 24).split("\n") == [
        "    a rule that is said",
        "    in more words than",
        "    fit",
    ]
    assert [show._folded(line, 60) for line in text.split("\n")] == text.split("\n")


def test_every_command_is_summed_up_in_a_line_of_80_columns():
    listed = children.started(children.COMMAND, "--help", env={"COLUMNS": "80"}).stdout.partition("Commands:")[2]
    assert len(listed.split("\n")) > 10
    assert "..." not in listed


@pytest.mark.parametrize("width", [24, 25, 26, 27, 28, 29, 30])
def test_no_figure_stands_apart_from_its_unit(width, monkeypatch):
    text = "It costs USD 34.2 M, of which 99 % are USD 128.3 and 12.4 pp less in all."
    monkeypatch.setattr(show, "console", lambda: PlainConsole(file=io.StringIO(), width=width, force_terminal=True))
    lines = show.sentence(text).splitlines()
    assert " ".join(lines) == text
    assert all(len(line) <= width for line in lines)
    for figure in ("USD 34.2 M", "99 %", "USD 128.3", "12.4 pp"):
        assert any(figure in line for line in lines)
