"""Writers that are killed by a signal that nobody can catch, and what is there afterwards.

Run as a program, in a process of its own, so that each child is a fork of little:

    python tests/killed_writers.py FOLDER KILLS

- a run is written over and over; killed at KILLS random moments
- a folder is replaced, and killed at each change of the disk in turn; again where the system cannot exchange folders
- a folder, and a run, is replaced by several writers and read all the while; the folder again where the system cannot exchange folders
- files are replaced, and killed at each change of the disk in turn
- lines are added to a file; cut off after each part of a write, and by several at once

It fails where something is lost, half there, mixed or left; else it prints what it saw as one JSON object.
"""

import contextlib
import json
import os
import random
import signal
import sys
import time
from dataclasses import fields
from pathlib import Path

import planner
from planner.instance import drafts, whole_files
from planner.report.run_folder import read_run, write_run

TINY = {
    "name": "tiny",
    "sites": [{"site": "plant", "region": "TW"}],
    "items": [{"item": "unit", "stage": "making"}],
    "processes": [{"site": "plant", "item": "unit"}],
    "customers": [{"customer": "shop", "region": "US"}],
    "demand": [{"customer": "shop", "item": "unit", "quantity": 10}],
    "lanes": [{"from": "plant", "to": "shop", "unit_cost": 1}],
}
CALLS = ("mkdir", "open", "fsync", "rename", "replace", "rmdir", "unlink")  # of os: where a writer may be killed
PATIENCE = 60.0  # seconds in which a reader beside writers must have seen two versions
NAMES = ("one.txt", "two.txt", "three.txt")


def in_a_child(work):
    """Do some work in a forked process; its id."""
    process = os.fork()
    if process == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return process


def ended(process):
    """Whether a child was killed; it fails where it ended badly by itself."""
    _, status = os.waitpid(process, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def killed_at(step):
    """Let this process be killed before its n-th change of the disk."""
    left = [step]

    def counted(call):
        def wrapped(*args, **kwargs):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **kwargs)

        return wrapped

    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))
    whole_files.exchange = counted(whole_files.exchange)


def names_in(folder):
    return [path.name for path in folder.iterdir()]


def drafts_in(folder):
    return [path for path in folder.iterdir() if path.name.startswith(drafts.PREFIX)]


def marked(plan, number):
    """The plan with a number in two tables and in run.json, so that two writings cannot be mixed unseen."""
    parts = {field.name: getattr(plan, field.name) for field in fields(plan)}
    tables = {name: table.copy() for name, table in plan.tables.items()}
    tables["costs"] = tables["costs"].assign(amount=float(number))
    tables["production"] = tables["production"].assign(cost=float(number))
    return type(plan)(**{**parts, "tables": tables, "objective": float(number)})


def number_of_run(folder):
    plan = read_run(folder)
    numbers = {plan.objective, float(plan.costs["amount"].iloc[0]), float(plan.production["cost"].iloc[0])}
    assert len(numbers) == 1, f"parts of two runs: {numbers}"
    return numbers.pop()


def at_random(folder, kills):
    """A run that is written over and over is whole whenever its writer is killed, and never an older one."""
    plan = planner.solve(planner.load_instance(TINY))
    target = folder / "r"
    start = time.perf_counter()
    for number in range(3):
        write_run(marked(plan, number), target)
    seconds = (time.perf_counter() - start) / 3
    draw, now, left, moved = random.Random(5), 2.0, 0, 0

    def forever():
        number = now
        while True:
            number += 1
            write_run(marked(plan, number), target)

    for _ in range(kills):
        process = in_a_child(forever)
        time.sleep(draw.uniform(0, 3 * seconds))
        os.kill(process, signal.SIGKILL)
        assert ended(process)
        left += bool(drafts_in(folder))
        assert target.exists(), "neither the old run nor the new one"
        after = number_of_run(target)
        assert after >= now, "an older run than one that was there"
        moved += after > now
        now = after
    write_run(marked(plan, now + 1), target)
    assert number_of_run(target) == now + 1
    assert names_in(folder) == ["r"], "a draft of a dead writer is left"
    return {"kills": kills, "with_a_draft_left": left, "with_a_newer_run": moved}


def write_numbers(target, number):
    """A folder with one number in three files."""

    def fill(draft):
        for name in NAMES:
            (draft / name).write_text(str(number))

    whole_files.put_folder(target, fill, lambda _: None)


def opened_whole(target, *, exchanged):
    """A folder that others replace, opened; where it cannot be exchanged it may be moved aside at any moment: again."""
    while True:
        try:
            return os.open(whole_files.finished_folder(target), os.O_RDONLY)
        except FileNotFoundError:
            assert not exchanged, "neither the old one nor the new one"


def together(folder, *, exchanged):
    """What is read while three write is what one of them wrote, and nothing is left beside it.

    The writers go on until the reader has seen enough: under load it may read but once while fifteen writings last.
    """
    target, enough = folder / "r", folder.parent / f"{folder.name}-seen"
    write_numbers(target, 0)

    def write(number):
        count = 0
        while count < 15 or not enough.exists():
            write_numbers(target, number)
            count += 1

    writers = [in_a_child(lambda n=n: write(n)) for n in range(1, 4)]
    seen, readings, until = set(), 0, time.monotonic() + PATIENCE
    while writers:
        if (len(seen) > 1 and readings > 20) or time.monotonic() > until:
            enough.touch()
        opened = opened_whole(target, exchanged=exchanged)
        found = set()
        for name in NAMES:
            with contextlib.suppress(FileNotFoundError):  # replaced, and removed while it is read
                part = os.open(name, os.O_RDONLY, dir_fd=opened)
                found.add(os.read(part, 10))
                os.close(part)
        os.close(opened)
        assert len(found) <= 1, f"parts of two: {found}"
        readings += 1
        seen |= found
        ended_one, status = os.waitpid(-1, os.WNOHANG)
        if ended_one:
            assert status == 0
            writers.remove(ended_one)
    assert names_in(folder) == ["r"]
    return {"readings": readings, "seen": len(seen)}


def runs_together(folder):
    """Three write a run at once, none is refused, and what is read meanwhile is one of their runs."""
    plan = planner.solve(planner.load_instance(TINY))
    target = folder / "r"
    write_run(marked(plan, 0), target)
    writers = [in_a_child(lambda n=n: [write_run(marked(plan, n), target) for _ in range(2)]) for n in range(1, 4)]
    seen, readings = set(), 0
    while writers:
        seen.add(number_of_run(target))
        readings += 1
        ended_one, status = os.waitpid(-1, os.WNOHANG)
        if ended_one:
            assert status == 0
            writers.remove(ended_one)
    assert names_in(folder) == ["r"]
    return {"readings": readings, "seen": len(seen)}


def at_each_step(folder, *, exchanged):
    """A folder that is replaced is the old or the new one, whatever the step before which its writer is killed."""
    target = folder / "r"
    if not exchanged:
        whole_files.exchange = lambda *_: False

    def read():
        found = {(whole_files.finished_folder(target) / name).read_text() for name in NAMES}
        assert len(found) == 1, f"parts of two: {found}"
        return int(found.pop())

    write_numbers(target, 0)
    found = {"kills": 0, "with_a_hole": 0, "old": 0, "new": 0}
    while True:

        def once(step=found["kills"] + 1):
            killed_at(step)
            write_numbers(target, 1)

        if not ended(in_a_child(once)):
            break
        found["kills"] += 1
        found["with_a_hole"] += not target.exists()
        assert target.exists() or not exchanged, "neither the old one nor the new one"
        found["new" if read() else "old"] += 1
        write_numbers(target, 0)
        assert names_in(folder) == ["r"], "a draft of a dead writer is left"
    assert read() == 1
    return found


def files_at_each_step(folder):
    """Files that are replaced are each the old or the new one."""

    def write(number):
        files = {name: whole_files.text_writer(str(number) * 1000) for name in (*NAMES, "tables/four.txt")}
        whole_files.put_files(folder, files)

    write(0)
    kills = 0
    while True:

        def once(step=kills + 1):
            killed_at(step)
            write(1)

        if not ended(in_a_child(once)):
            break
        kills += 1
        for name in (*NAMES, "tables/four.txt"):
            assert (folder / name).read_text() in {"0" * 1000, "1" * 1000}
        write(0)
        assert not drafts_in(folder)
    return {"kills": kills}


def lines_in_parts(folder):
    """Of a file that grows line by line only the last line can be lost, and the next one repairs it."""
    path, whole = folder / "lines", []
    for part in range(0, 40, 7):
        whole_files.append_line(path, f"line {part}\n")
        whole.append(f"line {part}".encode())
        with path.open("ab") as file:  # what a killed writer leaves
            file.write(b"x" * part)
        assert whole_files.whole_lines(path) == whole
    processes = [
        in_a_child(lambda n=n: [whole_files.append_line(path, f"{n} {'y' * 3000} {m}\n") for m in range(20)])
        for n in range(3)
    ]
    assert sum(ended(process) for process in processes) == 0
    found = whole_files.whole_lines(path)
    assert found[: len(whole)] == whole
    assert sorted(found[len(whole) :]) == sorted(f"{n} {'y' * 3000} {m}".encode() for n in range(3) for m in range(20))
    return {"lines": len(found)}


def main(folder, kills):
    folder = Path(folder)
    parts = {
        "run": lambda place: at_random(place, int(kills)),
        "folder": lambda place: at_each_step(place, exchanged=True),
        "files": files_at_each_step,
        "lines": lines_in_parts,
        "together": lambda place: together(place, exchanged=True),
        "runs_together": runs_together,
        "aside": lambda place: at_each_step(place, exchanged=False),  # it takes the exchange away
        "together_aside": lambda place: together(place, exchanged=False),
    }
    found = {}
    for name, part in parts.items():
        (folder / name).mkdir(parents=True)
        found[name] = part(folder / name)
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
