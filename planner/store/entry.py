"""A run as it goes into the store and comes out: a row of figures, and its contents."""

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
    """A run that is to be kept.

    Attributes:
        kind: `plan`, `none` (a run without a plan), or the command whose answer it is.
        question: hash of what it answers; None where it answers nothing that can be asked again.
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
    """A run that is kept: its row, and its contents where they were asked for.

    Attributes:
        id: sixteen signs, of which the first six or more name it too.
        row: the columns of the table `runs`.
        tags: the words it is also known by.
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
        """The run in a few words: its id, and what it is of."""
        what = {"plan": "", "none": ", without a plan"}.get(self.kind, f", an answer of {self.kind}")
        names = [str(self.row["instance"]), *(str(self.row[name]) for name in ("policy", "scenario") if self.row[name])]
        return f"{self.id[:8]} ({' / '.join(names)}{what})"


class DamagedRunError(StoreError):
    """What is kept of a run is not what was kept, or nothing that the planner can read.

    Attributes:
        what: the sentence about it, without what to do.
    """

    def __init__(self, kept: KeptRun, what: str) -> None:
        self.what = f"The run {kept.words} {what}."
        super().__init__(f"{self.what} Solve it again.")


@contextlib.contextmanager
def whole(kept: KeptRun) -> Iterator[None]:
    """While the contents of a run are read: what is not right in them is said in a sentence."""
    try:
        yield
    except (InstanceError, KeyError, ValueError, TypeError, AttributeError, zlib.error) as error:
        raise DamagedRunError(kept, f"is not whole ({type(error).__name__}: {error})") from None
