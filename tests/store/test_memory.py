"""What a command remembers: the run asked last is the latest, and what was computed after it was kept is added to it."""

import pytest
import toys

import planner
from planner.plan.live_planning import Replanner
from planner.plan.run_options import RunOptions
from planner.store.memory import StoreMemory
from planner.store.run_store import RunStore

INSTANCE = toys.two_plants(policies=[{"name": "p"}])


@pytest.fixture
def file(tmp_path):
    return tmp_path / "runs.sqlite"


@pytest.fixture(scope="module")
def plans():
    return [planner.solve(INSTANCE), planner.solve(INSTANCE, "p")]


def test_what_is_recalled_is_the_latest_again(file, plans):
    first = StoreMemory("solve", file)
    for plan, policy in zip(plans, (None, INSTANCE.policy("p")), strict=True):
        first.keep(plan, INSTANCE, policy, None, RunOptions())
    ids = list(first.ids.values())
    assert RunStore(file).find("latest").id == ids[1]
    again = StoreMemory("whatif", file)
    assert again.recall(INSTANCE, None, None, RunOptions()).objective == plans[0].objective
    assert [kept.id for kept in again.recalled] == ids[:1]
    assert again.ids == {(None, None): ids[0]}
    again.done()
    assert RunStore(file).find("latest").id == ids[0]
    assert RunStore(file).find(ids[0]).row["command"] == "solve", "what made it stays"


def test_what_was_computed_after_a_run_was_kept_is_added_to_it(file):
    live = Replanner(INSTANCE).plan(toys.scenario({"change": "demand", "factor": 0.5}))
    memory = StoreMemory("whatif", file)
    run = memory.keep_plan(live)
    before = set(RunStore(file).get(run).parts)
    assert "tables/choke_points" not in before
    prices = live.tables["choke_points"]
    memory.done()
    assert set(RunStore(file).get(run).parts) - before >= {"tables/choke_points"}
    again = RunStore(file).read(run)
    assert "choke_points" in again.tables.made(), "nothing is solved to show them"
    assert again.tables["choke_points"].equals(prices)


def test_nothing_is_kept_where_nobody_wants_it_kept(file, plans):
    """A store that was lost on the way stays lost, whatever is asked of it then."""
    memory = StoreMemory("solve", file)
    file.write_bytes(b"no database at all")
    assert memory.recall(INSTANCE, None, None, RunOptions()) is None
    file.unlink()
    assert memory.keep_plan(plans[0]) is None
    memory.done()
    assert (memory.place, file.exists(), memory.recalled) == ("", False, [])
    assert "the file is no store, or damaged" in memory.lost


def test_a_reader_of_a_server_waits_for_no_writer_and_a_writer_for_the_other(database):
    waiting = f"{database}?options=-c%20lock_timeout%3D200"
    first, second = RunStore(database).database, RunStore(waiting).database
    with first.writing():
        pass
    with first.writing() as connection:
        connection.exec_driver_sql("INSERT INTO contents VALUES ('x', ''::bytea)")
        with second.reading() as other:
            assert other.exec_driver_sql("SELECT count(*) FROM contents").scalar() == 0
        with pytest.raises(planner.PlannerError, match="lock timeout"), second.writing():
            raise AssertionError("two writers at once")
    first.close()
    second.close()
