"""A run as it is written to the store and as it is read back: a row of figures, and its contents."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from planner.errors import InstanceError, StoreError

TABLES = "tables/"  # before the name of a table among the contents
SERVICE = ("demand", "delivered", "late", "lost", "fill_rate")
FIGURES = ("objective", "margin", *SERVICE, "gap", "solver_seconds", "seconds")


@dataclass(frozen=True)
class Entry:
    """A run that is to be stored.

    Attributes:
        kind: `plan`, `none` (a run without a plan), or the command whose answer it is.
        question: the hash of the question that it answers; None where the question cannot be asked again.
        instance, instance_hash: name of the instance, and its content hash, undisturbed.
        policy, scenario: names; None for none.
        status: as of a plan or failure; `done` for another answer.
        figures: those of `FIGURES` that it has.
        parts: its contents by name.
    """

    kind: str
    question: str | None
    instance: str
    instance_hash: str
    policy: str | None
    scenario: str | None
    status: str
    parts: Mapping[str, bytes]
    figures: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class KeptRun:
    """A stored run: its row, and its contents where they were asked for.

    Attributes:
        id: sixteen hexadecimal characters; the first six or more of them name the run, too.
        row: the columns of the table `runs`.
        tags: its tags.
        parts: its contents by name; empty where they were not asked for.
    """

    id: str
    row: Mapping[str, Any]
    tags: tuple[str, ...] = ()
    parts: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def kind(self) -> str:
        """`plan`, `none`, or the command whose answer it is."""
        return str(self.row["kind"])

    @property
    def words(self) -> str:
        """The run in a few words: its id, instance, policy and scenario."""
        what = {"plan": "", "none": ", without a plan"}.get(self.kind, f", an answer of {self.kind}")
        names = [str(self.row["instance"]), *(str(self.row[name]) for name in ("policy", "scenario") if self.row[name])]
        return f"{self.id[:8]} ({' / '.join(names)}{what})"


class DamagedRunError(StoreError):
    """The stored contents of a run have changed, or cannot be read.

    Attributes:
        what: the sentence about it, without the remedy.
    """

    def __init__(self, kept: KeptRun, what: str) -> None:
        self.what = f"The run {kept.words} {what}."
        super().__init__(f"{self.what} Solve it again.")


@contextlib.contextmanager
def reading_contents(kept: KeptRun) -> Iterator[None]:
    """A context in which the contents of a run are read: any error in them becomes a DamagedRunError."""
    try:
        yield
    except (InstanceError, KeyError, ValueError, TypeError, AttributeError, zlib.error) as error:
        raise DamagedRunError(kept, f"is not whole ({type(error).__name__}: {error})") from None
