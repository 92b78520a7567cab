"""What is written is there whole or not at all, whoever kills the writer, fills the disk or writes beside it."""

import os
from pathlib import Path

import pytest
from crashes import killed, no_file_above

from planner.errors import UsageError
from planner.instance import drafts, whole_files
from planner.instance.whole_files import append_line, put_file, put_files, put_folder, text_writer, whole_lines

KILLED_WRITERS = Path(__file__).parents[1] / "killed_writers.py"


def test_killed_writers_lose_nothing():
    found = killed(KILLED_WRITERS, 3)
    assert found["run"]["kills"] == 3
    assert found["run"]["with_a_draft_left"]
    for name in ("folder", "aside"):
        assert found[name]["old"]
        assert found[name]["new"]
        assert found[name]["kills"] > 20
    assert found["folder"]["with_a_hole"] == 0
    assert found["aside"]["with_a_hole"] > 0  # and was mended by the reader
    assert found["files"]["kills"] > 20
    for name in ("together", "together_aside"):
        assert found[name]["readings"] > 20
        assert found[name]["seen"] > 1
    assert found["runs_together"]["readings"]


@pytest.mark.slow
def test_500_killed_writers_lose_nothing():
    assert killed(KILLED_WRITERS, 500)["run"]["kills"] == 500


def filled(number):
    def fill(folder):
        (folder / "tables").mkdir()
        for name in ("one.txt", "tables/two.txt"):
            (folder / name).write_text(str(number) * 5000)

    return fill


def contents(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def names_in(folder):
    return [path.name for path in folder.iterdir()]


def anything(_):
    """Nothing is refused."""


FACES = {
    "file": lambda folder, number: put_file(folder / "x.txt", text_writer(str(number) * 5000)),
    "files": lambda folder, number: put_files(
        folder, {"a.txt": text_writer("a"), "t/b.txt": text_writer(str(number) * 5000)}
    ),
    "folder": lambda folder, number: put_folder(folder / "r", filled(number), anything),
}


@pytest.mark.parametrize("face", FACES)
def test_a_full_disk_leaves_what_was_there(tmp_path, face):
    FACES[face](tmp_path, 1)
    before = contents(tmp_path)
    with no_file_above(4096), pytest.raises(OSError, match=r"large|space") as error:
        FACES[face](tmp_path, 2)
    assert contents(tmp_path) == before
    assert drafts.PREFIX not in str(error.value.filename)
    FACES[face](tmp_path, 2)
    assert contents(tmp_path) != before


@pytest.mark.parametrize("face", FACES)
def test_a_full_disk_leaves_nothing_where_nothing_was(tmp_path, face):
    with no_file_above(4096), pytest.raises(OSError, match=r"large|space"):
        FACES[face](tmp_path / "new" / "newer", 1)
    assert not list(tmp_path.iterdir())


def test_a_line_that_does_not_fit_is_taken_back(tmp_path):
    path = tmp_path / "lines"
    append_line(path, "one\n")
    with no_file_above(100), pytest.raises(OSError, match=r"large|space"):
        append_line(path, "x" * 500 + "\n")
    assert path.read_bytes() == b"one\n"
    append_line(path, "two\n")
    assert whole_lines(path) == [b"one", b"two"]


@pytest.mark.parametrize("face", FACES)
def test_a_place_that_may_not_be_written_is_named(face):
    with pytest.raises(OSError, match="/proc/planner") as error:
        FACES[face](Path("/proc/planner"), 1)
    assert drafts.PREFIX not in str(error.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write everywhere")
@pytest.mark.parametrize("face", FACES)
def test_a_folder_that_may_only_be_read_is_left(tmp_path, face):
    FACES[face](tmp_path, 1)
    before = contents(tmp_path)
    tmp_path.chmod(0o555)
    with pytest.raises(PermissionError):
        FACES[face](tmp_path, 2)
    tmp_path.chmod(0o755)
    assert contents(tmp_path) == before


def test_a_draft_of_a_living_writer_is_left_alone(tmp_path):
    with drafts.draft_beside(tmp_path) as draft:
        (draft / drafts.NEW / "x").write_text("half")
        put_file(tmp_path / "other", text_writer("whole"))
        drafts.clean(tmp_path)
        assert (draft / drafts.NEW / "x").read_text() == "half"
    assert contents(tmp_path) == {"other": "whole"}


def test_a_draft_of_a_dead_writer_is_removed_even_half_removed(tmp_path):
    for parts in ((), (drafts.LOCK,), (drafts.LOCK, "new/r/x"), (drafts.LOCK, "old/r/x", "new/r/x")):
        for part in parts:
            path = tmp_path / f"{drafts.PREFIX}{len(parts)}" / part
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
        (tmp_path / f"{drafts.PREFIX}{len(parts)}").mkdir(exist_ok=True)
    put_folder(tmp_path / "r", filled(1), anything)
    assert names_in(tmp_path) == ["r"]


def test_what_is_no_draft_is_never_removed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / drafts.LOCK).write_text("")
    (tmp_path / f"{drafts.PREFIX}link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / f"{drafts.PREFIX}strange").mkdir()
    (tmp_path / f"{drafts.PREFIX}strange" / "mine").write_text("keep me")
    put_file(tmp_path / "x", text_writer("x"))
    assert contents(tmp_path) == {"x": "x", f"elsewhere/{drafts.LOCK}": "", f"{drafts.PREFIX}strange/mine": "keep me"}
    assert (tmp_path / f"{drafts.PREFIX}link").is_symlink()


def test_links_are_followed(tmp_path):
    (tmp_path / "real").mkdir()
    put_folder(tmp_path / "real" / "r", filled(1), anything)
    put_file(tmp_path / "real" / "x", text_writer("1"))
    for name in ("r", "x"):
        (tmp_path / name).symlink_to(tmp_path / "real" / name)
    put_folder(tmp_path / "r", filled(2), anything)
    put_file(tmp_path / "x", text_writer("2"))
    assert (tmp_path / "r").is_symlink()
    assert (tmp_path / "x").is_symlink()
    assert (tmp_path / "real" / "x").read_text() == "2"
    assert (tmp_path / "real" / "r" / "one.txt").read_text().startswith("2")


def test_who_may_read_stays_as_it_was(tmp_path):
    put_folder(tmp_path / "r", filled(1), anything)
    put_file(tmp_path / "x", text_writer("1"))
    (tmp_path / "r").chmod(0o700)
    (tmp_path / "x").chmod(0o600)
    put_folder(tmp_path / "r", filled(2), anything)
    put_file(tmp_path / "x", text_writer("2"))
    assert (tmp_path / "r").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o600


def test_the_working_folder_is_not_replaced(tmp_path, monkeypatch):
    (tmp_path / "r" / "deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "r" / "deep")
    for place in (Path(), Path(".."), tmp_path / "r"):
        with pytest.raises(UsageError, match="working in it"):
            put_folder(place, filled(1), anything)


def test_one_thing_in_the_way_of_another(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        put_file(tmp_path / "folder", text_writer("x"))
    with pytest.raises(UsageError, match="is a file"):
        put_files(tmp_path / "file", {"x": text_writer("x")})
    with pytest.raises(UsageError, match="is a file"):
        put_file(tmp_path / "file" / "x", text_writer("x"))
    assert (tmp_path / "file").read_text() == "mine"


def test_a_failure_between_two_renames_puts_something_back(tmp_path, monkeypatch):
    monkeypatch.setattr(whole_files, "exchange", lambda *_: False)
    put_folder(tmp_path / "r", filled(1), anything)
    rename = Path.rename

    def fails(self, target):
        if self.parent.name == drafts.NEW and not fails.done:
            fails.done = True
            raise OSError(5, "Input/output error")
        return rename(self, target)

    fails.done = False
    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(OSError, match="Input/output"):
        put_folder(tmp_path / "r", filled(2), anything)
    assert set(contents(tmp_path / "r")) == {"one.txt", "tables/two.txt"}
    assert names_in(tmp_path) == ["r"]


def test_a_folder_that_another_writer_moves_aside_in_that_moment_is_no_failure(tmp_path, monkeypatch):
    """Where folders cannot be exchanged: between a look at the old one and reading its mode it may be gone."""
    target = tmp_path / "r"
    put_folder(target, lambda new: (new / "a").write_text("old"), lambda _: None)
    plain = whole_files.shutil.copymode

    def too_late(old, new):
        Path(old).rename(tmp_path / "aside")
        plain(old, new)

    monkeypatch.setattr(whole_files.shutil, "copymode", too_late)
    put_folder(target, lambda new: (new / "a").write_text("new"), lambda _: None)
    assert (target / "a").read_text() == "new"
