"""A report on a plan that delivers nothing said `nan weeks` of how much later a unit comes, and `not followed`."""

import json

import toys

NONE_FREE = {"name": "x", "measure": "pathway", "of": "TW", "max_share": 0.5}
DATA = {
    **toys.TINY,
    "periods": {"first": "2027-W01", "count": 2, "length": "week"},
    "policies": [{"name": "base"}, {"name": "lim", "limits": [NONE_FREE]}],
    "scenarios": [{"name": "q", "surprise": True, "changes": [{"change": "outage", "where": {"region": "TW"}}]}],
}


def test_it_says_so(tmp_path, in_process, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stopped.json").write_text(json.dumps(DATA))
    assert in_process("report", "stopped.json", "--out", "report")[0] == 0
    text = (tmp_path / "report" / "summary.md").read_text()
    assert "0 lost; nothing delivered; back 2027-W01" in text
    assert "– (nothing delivered)" in text
    assert "nan" not in text.split()
