"""`planner roll`: what it writes, all of it or nothing."""

import json

import toys


def test_nothing_is_written_where_the_name_asks_for_no_form(run, tmp_path):
    """The differences stood there already, and were then in the way of the next try."""
    (tmp_path / "two.json").write_text(json.dumps({**toys.TINY, **toys.TWO_PLANTS, "periods": ["P1", "P2"]}))
    assert run("solve", "two.json", "--out", "month", "--no-store")[0] == 0
    (tmp_path / "actuals").mkdir()
    (tmp_path / "actuals" / "stocks.csv").write_text("site,item,opening\neast,unit,3\n")
    words = ("roll", "month", "--to", "P2", "--actuals", "actuals", "--out")
    before = sorted(path.name for path in tmp_path.iterdir())
    code, out, err = run(*words, "later.ods")
    assert (code, out) == (2, "")
    assert "'.ods' is no form of an instance" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert run(*words, "later.xlsx")[0] == 0
    added = sorted(path.name for path in tmp_path.iterdir() if path.name not in before)
    assert added == ["later.differences.csv", "later.xlsx"]


def test_the_working_folder_is_left_alone(run, tmp_path, monkeypatch):
    """It has no name as it is written, which was a fault of the planner."""
    (tmp_path / "two.json").write_text(json.dumps({**toys.TINY, **toys.TWO_PLANTS, "periods": ["P1", "P2"]}))
    assert run("solve", "two.json", "--out", "month", "--no-store")[0] == 0
    (tmp_path / "empty").mkdir()
    for folder, words in (("empty", "you are working in it"), (".", "left alone")):
        monkeypatch.chdir(tmp_path / folder)
        for out in ("", "."):
            code, _, err = run("roll", str(tmp_path / "month"), "--to", "P2", "--out", out)
            assert (code, words in err) == (2, True), err
