"""A capacity without a limit was printed as `inf bn`, and as `inf trn` in a report and a notebook."""

import json
import math

import toys

from planner.study.audit.audit import audit
from planner.text.figures import count


def test_an_audit_says_it_in_words(tmp_path, in_process):
    path = tmp_path / "tiny.json"
    path.write_text(json.dumps(toys.TINY))
    code, out, _ = in_process("audit", path)
    (line,) = [line for line in out.splitlines() if " region  " in line and line.startswith("make")]
    assert code == 0
    assert line.split() == ["make", "region", "TW", "no", "limit", "-", "0", "-"]


def test_a_notebook_says_it_in_words():
    shown = audit(toys.tiny())._repr_html_()
    assert ">no limit</td>" in shown
    assert "inf trn" not in shown


def test_a_report_says_it_in_words():
    assert count(math.inf) == "no limit"
