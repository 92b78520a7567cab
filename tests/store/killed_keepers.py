"""Writers of one run store at once, and writers that are killed by a signal that nobody can catch.

Run as a program, in a process of its own, so that each child is a fork of little:

    python tests/store/killed_keepers.py FOLDER KILLS

- KILLS times a writer keeps runs in a store, tags them, deletes and prunes, and is killed at a random moment; every
  tenth time the store is new, so that it is killed while it makes one, too
- 8 writers begin a store at once, and each keeps runs, tags and deletes

After each kill every run that was acknowledged is there and whole, nothing is torn, and what was deleted is gone. It
fails where that does not hold; else it prints what it saw as one JSON object.
"""

import json
import os
import random
import select
import signal
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import planner
from planner.plan.plan import Plan
from planner.store.plans import plan_entry
from planner.store.run_store import RunStore

sys.path.insert(0, str(Path(__file__).parents[1]))
from killed_writers import TINY, ended, in_a_child

WRITERS, EACH = 8, 3
FRESH = 10  # kills of one store
PATIENCE = 60  # seconds


def entries(plan, mark):
    """Endless entries of a plan, each with a question, a text and figures of its own."""
    first = plan_entry(plan)
    number = 0
    while True:
        number += 1
        name = f"{mark}-{number}"
        parts = {**first.parts, "mark": name.encode() * 50}
        yield name, replace(first, question=sha256(name.encode()).hexdigest(), policy=name, parts=parts)


def forever(plan, file, mark, said):
    """Keep runs until the end, and say each id once it is acknowledged; delete every third, tag every fourth."""
    store = RunStore(file)
    for number, (name, entry) in enumerate(entries(plan, mark), 1):
        [id_] = store.put([entry], "test")
        os.write(said, f"+{id_} {name}\n".encode())
        if number % 3 == 0:
            os.write(said, f"?{id_} {name}\n".encode())  # may be there or not from now on
            store.delete(id_)
            os.write(said, f"-{id_} {name}\n".encode())
        elif number % 4 == 0:
            store.tag(id_, f"tag-{name}")
            os.write(said, f"t{id_} tag-{name}\n".encode())


def heard(end):
    """Every line that a writer said, whole ones only."""
    with os.fdopen(end, "rb") as stream:
        lines = stream.read().split(b"\n")
    return [line.decode() for line in lines[:-1]]


def check(file, acknowledged, gone, tagged, known=frozenset()):
    """Fail where an acknowledged run is not there and whole, or anything is torn; the runs (`known` ones not read)."""
    store = RunStore(file)
    there = {kept.id: kept for kept in store.all()}
    assert acknowledged <= set(there), "an acknowledged run is lost"
    assert not gone & set(there), "a run that was deleted is there again"
    for word, id_ in tagged.items():
        assert store.find(word).id == id_, "an acknowledged tag is lost"
    with closing(sqlite3.connect(file)) as connection:
        [[state]] = connection.execute("PRAGMA integrity_check").fetchall()
        assert state == "ok", state
        assert not connection.execute("PRAGMA foreign_key_check").fetchall()
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchall():
            assert not connection.execute("SELECT name FROM sqlite_master").fetchall(), "a store half made"
            return set(there)
        held = {row[0] for row in connection.execute("SELECT content FROM parts")}
        kept = {row[0] for row in connection.execute("SELECT hash FROM contents")}
        assert held == kept, "contents that no run holds, or that are missing"
    for id_ in set(there) - known:
        whole, plan = store.plan(id_)
        assert isinstance(plan, Plan)
        assert whole.parts["mark"] == str(whole.row["policy"]).encode() * 50, "parts of two runs"
    return set(there)


def killed(folder, plan, kills):
    """Writers that are killed at random moments."""
    draw, seen = random.Random(11), {"kills": 0, "acknowledged": 0, "deleted": 0, "tagged": 0, "before_the_first": 0}
    acknowledged, gone, tagged, known, file = set(), set(), {}, set(), None
    for number in range(kills):
        if number % FRESH == 0:
            acknowledged, gone, tagged, known, file = set(), set(), {}, set(), folder / f"{number}.sqlite"
        reading, said = os.pipe()
        process = in_a_child(lambda file=file, said=said, number=number: forever(plan, file, f"k{number}", said))
        os.close(said)
        if number % FRESH % 3:  # once it has acknowledged a run; else at any moment, before it has begun too
            select.select([reading], [], [], PATIENCE)
        time.sleep(draw.uniform(0, 0.2))
        os.kill(process, signal.SIGKILL)
        assert ended(process)
        lines = heard(reading)
        seen["kills"] += 1
        seen["before_the_first"] += not lines
        for line in lines:
            kind, (id_, name) = line[0], line[1:].split()
            if kind == "+":
                acknowledged.add(id_)
                seen["acknowledged"] += 1
            elif kind == "?":
                acknowledged.discard(id_)
            elif kind == "-":
                gone.add(id_)
                seen["deleted"] += 1
            else:
                tagged[name] = id_
                seen["tagged"] += 1
        if file.exists():
            again = number % FRESH == FRESH - 1  # all are read once more at last
            known = check(file, acknowledged, gone, tagged, set() if again else known)
        else:
            assert not acknowledged
    return seen


def at_once(folder, plan):
    """Many writers of one store that none has made yet, all beginning together; and the runs that are there then."""
    file, gate = folder / "many.sqlite", folder / "gate"

    def work(number):
        store = RunStore(file)
        made = entries(plan, f"w{number}")
        while not gate.exists():
            time.sleep(0.001)
        for turn in range(EACH):
            _, entry = next(made)
            [id_] = store.put([entry], "test")
            store.tag(id_, f"w{number}-{turn}")
            assert store.find(id_).tags == (f"w{number}-{turn}",)
            if turn % 3 == 2:
                store.delete(id_)
            store.mark_latest([id_])
            store.all()

    writers = [in_a_child(lambda number=number: work(number)) for number in range(WRITERS)]
    gate.touch()
    codes = [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in writers]
    assert codes == [0] * WRITERS, codes
    runs = len(check(file, set(), set(), {}))
    assert runs == WRITERS * (EACH - EACH // 3)
    return {"writers": WRITERS, "errors": sum(map(bool, codes)), "runs": runs}


def main(folder, kills):
    folder.mkdir(parents=True, exist_ok=True)
    plan = planner.solve(planner.load_instance(TINY))
    plan = replace(plan, tables=dict(plan.tables))
    import alembic.command  # noqa: F401  (loaded before the children are forked)
    import sqlalchemy.dialects.sqlite  # noqa: F401

    seen = {"killed": killed(folder, plan, kills), "at_once": at_once(folder, plan)}
    sys.stdout.write(f"{json.dumps(seen)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
