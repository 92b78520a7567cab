"""What counts as the code of an answer: a report whose template has changed is another report."""

import pytest

from planner.plan.release import hash_of


@pytest.mark.parametrize(
    ("name", "counts"),
    [("a.py", True), ("templates/page.css", True), ("templates/page.html.j2", True), ("README.md", False)],
)
def test_code_and_templates_are_what_an_answer_comes_from(tmp_path, name, counts):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("one")
    before = hash_of(tmp_path)
    path.write_text("two")
    assert (hash_of(tmp_path) != before) == counts


def test_compiled_code_does_not_count(tmp_path):
    (tmp_path / "a.py").write_text("one")
    before = hash_of(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.cpython-313.pyc").write_bytes(b"\0")
    assert hash_of(tmp_path) == before
