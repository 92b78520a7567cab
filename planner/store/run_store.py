"""The run store: runs are kept, found again by name or by question, tagged, annotated and deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import pandas as pd
from sqlalchemy import delete, insert, select, update

from planner.errors import UsageError, nearest
from planner.plan.plan import Plan, refuse_no_plan
from planner.store.address import VARIABLE, address_of
from planner.store.database import Database
from planner.store.entry import FIGURES, Entry, KeptRun
from planner.store.plans import plan_entry, plan_of
from planner.store.questions import PLAN
from planner.store.rows import (
    answering,
    bare_run,
    delete_runs,
    kept_run,
    next_asked,
    tags_by_run,
    whole_run,
    write_contents,
)
from planner.store.run_names import LATEST, candidates, check_tag, named_row
from planner.store.schema import parts, runs, tags

COLUMNS = ("id", "created", "kind", "command", "instance", "policy", "scenario", "status", *FIGURES, "tags", "note")


class RunStore:
    """A database of runs. When a method returns, its change is stored completely; when it raises, nothing is changed.

    >>> import planner, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = planner.open_store(folder.name + "/runs.sqlite")
    >>> run = store.keep(planner.solve("instances/canning", policy="balanced"))
    >>> store.tag(run, "agreed")
    >>> store.read("agreed")
    <Plan of canning, balanced: optimal, cost kUSD 154.8, fill rate 100.0 %>
    >>> store.table[["instance", "policy", "status", "objective", "tags"]].to_dict("records")
    [{'instance': 'canning', 'policy': 'balanced', 'status': 'optimal', 'objective': 154.775, 'tags': 'agreed'}]
    """

    def __init__(self, where: str | Path | None = None) -> None:
        """Take a path or SQLAlchemy URL; without one what PLANNER_STORE says, else .planner/runs.sqlite."""
        self.address = address_of(where)
        self.database = Database(self.address)

    def __repr__(self) -> str:
        return f"<RunStore {self.address.words}>"

    def __enter__(self) -> Self:
        """The store; the database is let go of at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the database."""
        self.close()

    def close(self) -> None:
        """Let go of the database; the next call opens it again."""
        self.database.close()

    def keep(self, plan: Plan, command: str = "solve") -> str:
        """Keep a plan, and return the id of its run.

        Args:
            plan: the plan, which is kept with its instance, policy, scenario, options and versions.
            command: the name of the command that made it, for the list of runs.

        Raises:
            StoreError: it could not be kept; the store is as it was.
        """
        refuse_no_plan("plan", plan)
        return self.put([plan_entry(plan)], command)[0]

    def read(self, run: str) -> Plan:
        """The plan of a run, which is named by its id or at least six first characters of it, a tag, or `latest`.

        Raises:
            UsageError: there is no such run, it has no plan, or several ids begin with these characters.
            StoreError: the store cannot be read.
        """
        return self.plan(run)[1]

    def plan(self, run: str) -> tuple[KeptRun, Plan]:
        """The run of a name with its plan; names and errors are those of `read`."""
        kept = self.get(run)
        if kept.kind != PLAN:
            raise UsageError(f"The run {kept.words} has no tables of a plan. {self._plan_instead(run)}")
        return kept, plan_of(kept)

    def put(self, entries: Sequence[Entry], command: str, *, again: bool = False) -> list[str]:
        """Keep several entries in one transaction, and return their ids in order.

        Args:
            entries: the entries; an answer that another process has stored meanwhile stands for the new one.
            command: the name of the command that made them.
            again: whether they are kept beside earlier answers to the same questions.

        Raises:
            StoreError: they could not be kept; the store is as it was.
        """
        with self.database.writing() as connection:
            return [kept_run(connection, entry, command, again=again) for entry in entries]

    def add(self, run: str, further: Mapping[str, bytes]) -> None:
        """Add further contents to a run; nothing happens where the run has been deleted meanwhile.

        Args:
            run: the id of the run.
            further: the contents by name.

        Raises:
            StoreError: the store cannot be written.
        """
        with self.database.writing() as connection:
            number = connection.execute(select(runs.c.number).where(runs.c.id == run)).scalar()
            if number is not None:
                there = set(connection.execute(select(parts.c.name).where(parts.c.run == number)).scalars())
                write_contents(connection, number, {name: data for name, data in further.items() if name not in there})

    def answer(self, question: str) -> KeptRun | None:
        """The latest run that answers a question, with its contents; None where there is none.

        Raises:
            StoreError: the store cannot be read.
        """
        with self.database.reading() as connection:
            if connection is None:
                return None
            row = answering(connection, question)
            return None if row is None else whole_run(connection, row)

    def mark_latest(self, ids: Sequence[str]) -> None:
        """Mark runs as the latest ones, in the order given, because they have just been used as answers.

        Raises:
            StoreError: the store cannot be written.
        """
        with self.database.writing() as connection:
            for id_ in ids:
                connection.execute(update(runs).where(runs.c.id == id_).values(asked=next_asked(connection)))

    def find(self, run: str) -> KeptRun:
        """The run of a name, without its contents; names and errors as for `read`, but it may be without a plan."""
        return self._found(run, contents=False)

    def get(self, run: str) -> KeptRun:
        """The run of a name, with its contents; names and errors are those of `find`."""
        return self._found(run, contents=True)

    def _found(self, run: str, *, contents: bool) -> KeptRun:
        with self.database.reading() as connection:
            if connection is None:
                raise UsageError(
                    f"There is no run {run}: nothing is kept in {self.address.words} yet. `planner solve` keeps its "
                    f"run there; {VARIABLE} names another store."
                )
            row = named_row(connection, run)
            return whole_run(connection, row) if contents else bare_run(connection, row)

    def knows(self, run: str) -> bool:
        """Whether a name means at least one run of the store.

        Raises:
            StoreError: the store cannot be read.
        """
        with self.database.reading() as connection:
            return connection is not None and bool(candidates(connection, run))

    def _plan_instead(self, run: str) -> str:
        if run != LATEST:
            return "`planner runs list` shows which have."
        with self.database.reading() as connection:
            query = select(runs).where(runs.c.kind == PLAN).order_by(runs.c.asked.desc()).limit(1)
            row = None if connection is None else connection.execute(query).first()
            if connection is None or row is None:
                return "No run has."
            return f"The latest that has is {bare_run(connection, row).words}."

    @property
    def table(self) -> pd.DataFrame:
        """A table of all runs, the latest first.

        Columns: id, created (UTC), kind (plan, none, or the command whose answer it is), command, instance, policy,
        scenario, status, objective and margin (money), demand, delivered, late, lost (units), fill_rate (0-1), gap,
        solver_seconds, seconds, tags (with commas between), note.

        Raises:
            StoreError: the store cannot be read.
        """
        return pd.DataFrame(
            [
                {**{name: kept.row.get(name) for name in COLUMNS}, "id": kept.id, "tags": ",".join(kept.tags)}
                for kept in self.all()
            ],
            columns=list(COLUMNS),
        )

    def all(self) -> list[KeptRun]:
        """Every run, latest first, without contents.

        Raises:
            StoreError: the store cannot be read.
        """
        with self.database.reading() as connection:
            if connection is None:
                return []
            rows = connection.execute(select(runs).order_by(runs.c.asked.desc())).all()
            words = tags_by_run(connection)
            return [KeptRun(row.id, row._asdict(), words.get(row.number, ())) for row in rows]

    def tag(self, run: str, word: str) -> str | None:
        """Give a run a tag; returns the id of the run that had the tag before, if another one had it.

        Args:
            run: any name of the run.
            word: letters, digits, `_`, `.` and `-`; not `latest`, nor what could be the beginning of an id.

        Raises:
            UsageError: there is no such run, or the word cannot be a tag.
            StoreError: the store cannot be written.
        """
        check_tag(word)
        with self.database.writing() as connection:
            number = named_row(connection, run).number
            query = select(runs.c.id).join(tags, tags.c.run == runs.c.number).where(tags.c.word == word)
            before = connection.execute(query.where(runs.c.number != number)).scalar()
            connection.execute(delete(tags).where(tags.c.word == word))
            connection.execute(insert(tags).values(word=word, run=number))
            return before

    def untag(self, word: str) -> None:
        """Remove a tag; the run stays.

        Raises:
            UsageError: no run has this tag.
            StoreError: the store cannot be written.
        """
        with self.database.writing() as connection:
            if not connection.execute(delete(tags).where(tags.c.word == word)).rowcount:
                known = connection.execute(select(tags.c.word)).scalars()
                raise UsageError(f"No run is tagged {word}. {nearest(word, known)}")

    def note(self, run: str, text: str) -> str:
        """Write a note on a run, in place of an earlier note; returns the run's id. Errors are those of `tag`."""
        with self.database.writing() as connection:
            row = named_row(connection, run)
            connection.execute(update(runs).where(runs.c.number == row.number).values(note=text))
            return str(row.id)

    def delete(self, run: str) -> str:
        """Delete a run, with the contents that no other run uses; returns its id. Errors are those of `tag`."""
        with self.database.writing() as connection:
            row = named_row(connection, run)
            delete_runs(connection, [row.number])
            return str(row.id)

    def prune(self, keep: int) -> list[str]:
        """Delete all runs without a tag but the latest ones; returns the ids of the deleted runs.

        Args:
            keep: the number of runs without a tag that stay.

        Raises:
            StoreError: the store cannot be written.
        """
        with self.database.writing() as connection:
            query = select(runs.c.number, runs.c.id).where(runs.c.number.not_in(select(tags.c.run)))
            gone = connection.execute(query.order_by(runs.c.asked.desc()).offset(keep)).all()
            delete_runs(connection, [row.number for row in gone])
            return [str(row.id) for row in gone]


def open_store(where: str | Path | None = None) -> RunStore:
    """The run store at a path or URL; it is created when something is first kept in it.

    >>> import planner, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = planner.open_store(folder + "/runs.sqlite")
    ...     run = store.keep(planner.solve("instances/canning"))
    ...     store.read(run[:6])
    <Plan of canning, no policy: optimal, cost kUSD 153.7, fill rate 100.0 %>

    Args:
        where: the path of an SQLite file, or an SQLAlchemy URL of SQLite or PostgreSQL; None for the address in the
            environment variable PLANNER_STORE, else .planner/runs.sqlite in the working folder.

    Returns:
        the store: `keep` and `read` plans, `table` of all runs, `tag`, `note`, `delete`, `prune`.

    Raises:
        StoreError: the address cannot be that of a store.
    """
    return RunStore(where)
