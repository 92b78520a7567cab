"""A store stands where its path says, whatever signs that has: what follows a `?` was taken for options.

In a folder `what if?` runs were kept in a file `what if` beside it, said to be kept, and never found again. And a store
that is open stays where it was opened: after a change of the working folder its runs were gone.
"""

import os

import pytest
import toys

from planner.store.run_store import RunStore

NAMES = ["what if?", "x?mode=memory", "50% #2 & co;", 'o\'neil "a"', "=+ :@", "%41%3f", "東京 é"]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_kept_is_found(name, tmp_path, monkeypatch):
    folder = tmp_path / name
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("PLANNER_STORE", raising=False)
    store = RunStore()
    run = store.keep(toys.solve(toys.two_plants()))
    store.close()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert sorted(path.name for path in (folder / ".planner").iterdir()) == [".gitignore", "runs.sqlite"]
    for _ in ("one may write there", "one may only read there"):
        for again in (RunStore(), RunStore(folder / ".planner" / "runs.sqlite")):
            assert again.read(run).objective == 10
            again.close()
        monkeypatch.setattr(os, "access", lambda *_: False)


@pytest.mark.parametrize("said", ["", "mine.sqlite", "sqlite:///mine.sqlite"])
def test_it_stays_there_when_the_working_folder_changes(said, tmp_path, monkeypatch):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("PLANNER_STORE", said)
    monkeypatch.chdir(tmp_path / "first")
    store, unused = RunStore(), RunStore()
    run = store.keep(toys.solve(toys.two_plants()))
    monkeypatch.chdir(tmp_path / "second")
    assert [kept.id for kept in (store.find(run), unused.find("latest"))] == [run, run]
    store.keep(toys.solve(toys.tiny()))
    assert len(store.all()) == len(unused.all()) == 2
    assert list((tmp_path / "second").iterdir()) == []
