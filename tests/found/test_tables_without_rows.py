"""A table without rows was printed as its head over nothing: no cluster to strike, no cost, nothing to decide."""

import json

import pytest
import toys


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (("stress", "--each", "cluster"), "each out without warning"),
        (("stress", "--decide-by"), "what must have been started for a limit to be kept, each by itself"),
        (("solve",), "Cost (USD)"),
    ],
)
def test_none_is_said(tmp_path, in_process, words, title):
    path = tmp_path / "tiny.json"
    path.write_text(json.dumps({**toys.TINY, "demand": [{"customer": "shop", "item": "unit", "quantity": 0}]}))
    code, out, _ = in_process(words[0], path, *words[1:], "--no-store")
    lines = out.splitlines()
    (at,) = [number for number, line in enumerate(lines) if title in line]
    assert code == 0
    assert lines[at + 1] == "none"
