"""What `planner check` says at its end: a line a stage on any terminal, the same figures as JSON."""

import copy
import io
import json

import pytest
import toys
from portions import portion

from planner.cli import understood
from planner.cli.main import main
from planner.cli.plain_console import PlainConsole
from planner.instance.loading import load_instance
from planner.network.load import stage_loads


@pytest.fixture
def run(capsys, tmp_path):
    """Check a mapping as a file; exit code and stdout."""

    def command(mapping, *words):
        (tmp_path / "case.json").write_text(json.dumps(mapping))
        with pytest.raises(SystemExit) as left:
            main(["check", str(tmp_path / "case.json"), *words])
        return int(left.value.code or 0), capsys.readouterr().out

    return command


def printed(source, width, monkeypatch):
    """The lines on a terminal of some width."""
    out = io.StringIO()
    monkeypatch.setattr(understood, "console", lambda: PlainConsole(file=out, width=width, force_terminal=False))
    instance = load_instance(source)
    understood.print_understood(instance, stage_loads(instance))
    return out.getvalue().replace("\u00a0", " ").splitlines()


def test_the_last_lines_are_what_was_understood(run):
    code, out = run({**toys.TINY, "capacities": [{"site": "plant", "capacity": 40}]})
    assert code == 0
    assert [line.split() for line in out.replace("\u00a0", " ").splitlines()[-2:]] == [
        ["stage", "makes", "at", "needed", "can", "make", "share"],
        ["make", "unit", "plant", "10", "40", "25", "%"],
    ]


def test_nothing_is_understood_of_what_is_wrong(run):
    code, out = run({**toys.TINY, "demand": [{"customer": "shop", "item": "unit", "quantity": -1}]})
    assert code == 2
    assert "understood" not in out


def test_json_has_the_figures_of_each_period(run):
    rows = {**toys.TINY, "periods": ["P1", "P2"], "capacities": [{"site": "plant", "period": "P2", "capacity": 40}]}
    code, out = run(rows, "--json")
    assert code == 0
    assert json.loads(out)["understood"] == [
        {
            "stage": "make",
            "items": ["unit"],
            "sites": ["plant"],
            "needed": 20,
            "capacity": 40,
            "share": 0.5,
            "periods": [
                {"period": "P1", "needed": 10, "capacity": 0, "share": None},
                {"period": "P2", "needed": 10, "capacity": 40, "share": 0.25},
            ],
        }
    ]


def test_a_unit_slip_is_seen_and_said(run):
    """Capacity in thousands beside orders in units."""
    code, out = run({**toys.TINY, "capacities": [{"site": "plant", "capacity": 0.009}]})
    assert code == 0
    assert "Orders need 10 of unit, and all lines that make it can make 0.009 at most" in out
    assert out.split()[-1] == "1,111x"


@pytest.mark.parametrize("width", portion([20, 60, 80, 100, 120, 200], quick=2))
def test_it_fits_the_terminal(width, monkeypatch):
    long = copy.deepcopy(toys.TOY)
    text = json.dumps(long).replace('"pack-a"', json.dumps("a-packaging-site-with-a-very-long-name"))
    for source in (json.loads(text), "instances/accelerators"):
        lines = printed(source, width, monkeypatch)
        assert all(len(line) <= width for line in lines)
        if width >= 80:
            stages = len(load_instance(source).stages)
            assert len(lines) in {2 + stages, 4 + 2 * stages}  # one table, or where that is too wide two
            assert not any("…" in line for line in lines)


def test_periods_that_do_not_fit_are_taken_together(monkeypatch):
    lines = printed("instances/accelerators", 80, monkeypatch)
    assert lines[7] == "Share of what can be made that is needed, by 2 periods from:"
    assert lines[8].split()[:3] == ["stage", "2026Q1", "2026Q3"]


def test_of_many_stages_and_items_the_first_are_shown(monkeypatch):
    many = [f"i{number:05}" for number in range(20_000)]
    rows = {
        **toys.TINY,
        "items": [{"item": "unit", "stage": "make"}, *({"item": item, "stage": item} for item in many[:10_000])],
        "processes": [{"site": "plant", "item": "unit"}],
    }
    rows["items"] += [{"item": item, "stage": "make"} for item in many[10_000:]]
    rows["processes"] += [{"site": "plant", "item": item} for item in many[10_000:]]
    lines = printed(rows, 80, monkeypatch)
    assert "the first 20 of 10,001 stages" in lines[0]
    assert len(lines) < 30
    assert all(len(line) <= 80 for line in lines)
    assert any(line.split()[:3] == ["make", "unit,", "i10000,"] for line in lines)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (None, "-"),
        (0.0, "0 %"),
        (0.00012, "0.01 %"),
        (0.4549, "45 %"),
        (1.2, "120 %"),
        (1234.4, "1,234x"),
        (3e7, "3e7x"),
        (float("inf"), "none"),
    ],
)
def test_shares_are_short(share, words):
    assert understood._share(share).replace("\u00a0", " ") == words


OPTION = {"option": "line", "site": "plant", "period": "1", "capacity": 5}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({}, "good units of each stage"),
        ({"stocks": [{"site": "plant", "item": "unit", "opening": 5}]}, "good units of each stage, stock left out"),
        ({"expansions": [OPTION]}, "good units of each stage, expansion options left out"),
        (
            {"expansions": [OPTION], "arrivals": [{"site": "plant", "item": "unit", "period": "1", "quantity": 5}]},
            "good units of each stage, stock and options left out",
        ),
    ],
)
def test_what_is_left_out_of_what_was_understood_is_said(run, rows, said):
    code, out = run({**toys.TINY, **rows})
    assert code == 0
    [head] = [line for line in out.splitlines() if "What was understood" in line]
    assert head.endswith(said)
