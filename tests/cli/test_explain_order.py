"""`planner explain RUN --order`: a tree for people, an object for programs, and an answer to every slip."""

import json
from shutil import copytree

import pytest
import toys

import planner
from planner.report.run_folder import write_run

LINES = {
    **toys.TINY,
    "periods": ["P1", "P2"],
    "stages": ["wafer", "make"],
    "sites": [
        {"site": "fab-a", "region": "TW", "operator": "alpha"},
        {"site": "fab-b", "region": "US"},
        {"site": "plant", "region": "TW"},
    ],
    "items": [{"item": "die", "stage": "wafer"}, {"item": "unit", "stage": "make"}],
    "processes": [
        {"site": "fab-a", "item": "die", "unit_cost": 1, "yield": 0.5},
        {"site": "fab-b", "item": "die", "unit_cost": 5},
        {"site": "plant", "item": "unit"},
    ],
    "components": [{"item": "unit", "component": "die", "quantity": 2}],
    "capacities": [{"site": "fab-a", "capacity": 30}],
    "demand": [
        {"customer": "shop", "item": "unit", "period": "P1", "quantity": 10, "price": 100},
        {"customer": "shop", "item": "unit", "period": "P2", "quantity": 0, "price": 100},
    ],
    "lanes": [{"from": "fab-a", "to": "plant"}, {"from": "fab-b", "to": "plant"}, {"from": "plant", "to": "shop"}],
}


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """The folder of a run."""
    folder = tmp_path_factory.mktemp("solved") / "run"
    write_run(planner.solve(planner.load_instance(LINES)), folder)
    return folder


@pytest.fixture
def run(run, solved, monkeypatch, tmp_path):
    """The same in a folder that has a run."""
    monkeypatch.setenv("COLUMNS", "120")
    (tmp_path / "lines.json").write_text(json.dumps(LINES))
    copytree(solved, tmp_path / "run")
    return run


def test_the_tree_names_every_stage_from_last_to_first(run):
    code, out, _ = run("explain", "run", "--order", "shop/unit/P1")
    assert code == 0
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "ordered 10, delivered in the period 10, still owed at its end 0, lost 0" in lines
    tree = lines[lines.index("make") : lines.index("make") + 7]
    assert tree == [
        "make",
        "unit 10",
        "plant TW plant P1 10 10 100.0 %",
        "wafer",
        "die 20",
        "fab-a TW alpha P1 30 15 75.0 %",
        "fab-b US fab-b P1 5 5 25.0 %",
    ]
    assert "fab-a plant 7.5 75.0 %" in lines
    assert "fab-b plant 2.5 25.0 %" in lines
    assert any(line.startswith("Proportional:") for line in lines)


def test_the_object_has_the_same_figures(run):
    code, out, _ = run("explain", "run", "--order", "shop/unit/P1", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["order"] == {
        "customer": "shop",
        "item": "unit",
        "period": "P1",
        "demand": 10.0,
        "delivered": 10.0,
        "late": 0.0,
        "lost": 0.0,
    }
    assert [(row["site"], row["units"], row["share"]) for row in found["sites"]] == [
        ("plant", 10.0, 1.0),
        ("fab-a", 15.0, 0.75),
        ("fab-b", 5.0, 0.25),
    ]
    assert found["routes"] == [
        {"sites": {"wafer": "fab-a", "make": "plant"}, "quantity": 7.5, "share": 0.75},
        {"sites": {"wafer": "fab-b", "make": "plant"}, "quantity": 2.5, "share": 0.25},
    ]
    assert found["touched"] == []
    assert found["convention"].startswith("Proportional")


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ("shop", "Write CUSTOMER/ITEM/PERIOD, such as shop/unit/P1"),
        ("shp/unit/P1", "No order is from customer 'shp'. Did you mean shop?"),
        ("shop/unti/P1", "shop orders no 'unti'. Did you mean unit?"),
        ("shop/unit/P9", "shop neither orders nor gets unit in 'P9'. Did you mean P1?"),
    ],
)
def test_a_slip_gets_the_nearest_name(run, order, said):
    code, out, err = run("explain", "run", "--order", order)
    assert (code, out) == (2, "")
    assert said in err


def test_a_slip_is_an_object_too(run):
    code, out, _ = run("explain", "run", "--order", "shop/unit/P9", "--json")
    assert code == 2
    assert json.loads(out)["status"] == "error"


def test_a_folder_that_is_no_run(run):
    code, _, err = run("explain", "nowhere", "--order", "shop/unit/P1")
    assert code == 2
    assert "is no run" in err


def test_an_order_of_which_nothing_is_delivered(run, tmp_path):
    late = {
        **LINES,
        "capacities": [{"site": "plant", "period": "P2", "capacity": 10}],
        "demand": [
            {"customer": "shop", "item": "unit", "period": "P1", "quantity": 10, "price": 100, "late_cost": 1},
            {"customer": "shop", "item": "unit", "period": "P2", "quantity": 0, "price": 100},
        ],
    }
    (tmp_path / "late.json").write_text(json.dumps(late))
    assert run("solve", "late.json", "--out", "late")[0] == 0
    code, out, _ = run("explain", "late", "--order", "shop/unit/P1")
    assert code == 0
    assert "ordered 10, delivered in the period 0, still owed at its end 10, lost 0" in out
    assert "Nothing is delivered in this period; shop gets unit in P2." in out
    code, out, _ = run("explain", "late", "--order", "shop/unit/P1", "--json")
    found = json.loads(out)
    assert (code, found["sites"], found["routes"]) == (0, [], [])
    code, out, _ = run("explain", "late", "--order", "shop/unit/P2")
    assert "ordered 0, owed from before 10, delivered in the period 10, still owed at its end 0, lost 0" in out


def test_what_was_owed_before_the_first_period_is_told(run, tmp_path):
    """Without it 10 ordered, 12 delivered and 3 still owed did not add up."""
    owed = [{"customer": "shop", "item": "unit", "quantity": 5, "late_cost": 1}]
    orders = [{"customer": "shop", "item": "unit", "period": "P1", "quantity": 10, "price": 100, "late_cost": 1}]
    lines = [{"site": "plant", "capacity": 12}]
    rolled = {**LINES, "elapsed": 1, "owed": owed, "demand": orders, "capacities": lines}
    (tmp_path / "rolled.json").write_text(json.dumps(rolled))
    assert run("solve", "rolled.json", "--out", "rolled")[0] == 0
    _, out, _ = run("explain", "rolled", "--order", "shop/unit/P1")
    assert "ordered 10, owed from before 5, delivered in the period 12, still owed at its end 3, lost 0" in out


def test_words_are_explained_as_objects_too(run):
    code, out, _ = run("explain", "capacity", "--json")
    assert code == 0
    assert json.loads(out)["texts"][0].startswith("capacity")


def test_many_routes_are_cut_short(run, monkeypatch):
    monkeypatch.setattr("planner.cli.explain.MOST_ROUTES", 1)
    assert "... and 1 more rows" in run("explain", "run", "--order", "shop/unit/P1")[1]
