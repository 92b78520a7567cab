"""One tree of exceptions, and the record of a problem in the data.

Everything that the planner raises on purpose is a `PlannerError`; anything else is a bug.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One problem in an instance: where it is, what it is, and how to mend it.

    Attributes:
        file: the file (or inline table) in which the problem stands.
        row: the row's number as an editor shows it (the header of a CSV file is row 1); None for a whole file.
        column: the column or field; None for a whole row.
        value: the offending text; None where something is missing.
        message: what is wrong, in one sentence.
        remedy: how to mend it, in one sentence.
        severity: "error" (the instance cannot be used) or "warning" (it can, but look).
        cell: of a workbook, sheet and cell (`demand!D17`), which say where it is by themselves.
    """

    file: str
    row: int | None
    column: str | None
    value: str | None
    message: str
    remedy: str
    severity: str = "error"
    cell: str | None = None

    @property
    def place(self) -> str:
        """Where it is: file and row, or sheet and cell."""
        if self.cell is not None:
            return self.cell
        return self.file if self.row is None else f"{self.file}, row {self.row}"

    def as_json(self) -> dict[str, Any]:
        """The six fields that `problems` in JSON output names."""
        return {
            "file": self.cell or self.file,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "message": self.message,
            "remedy": self.remedy,
        }

    def __str__(self) -> str:
        place = self.place
        if self.column is not None:
            place += f", column {self.column}"
        return f"{place}: {self.message} {self.remedy}"


class PlannerError(Exception):
    """Anything that the planner refuses or cannot do, with a message for the user.

    The message quotes names and files as they were given, so what could act on a terminal is shown, not sent to it.
    """

    def __str__(self) -> str:
        return visible(super().__str__())


class UsageError(PlannerError):
    """A name, file or option that the user gave does not exist or does not fit."""


class InstanceError(PlannerError):
    """An instance, or a policy or scenario made in Python, is not right; `problems` lists everything that was found."""

    def __init__(self, problems: Sequence[Problem], what: str = "instance") -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''} in the {what}"
        super().__init__("\n".join([head, *(f"  {problem}" for problem in self.problems[:20])]))


class InfeasibleError(PlannerError):
    """No plan satisfies every row; `conflict` says which rows clash, `repair` what would loosen them.

    Its message gathers the conflict over customers, items, places and periods; `in_full` has every row of it.

    Attributes:
        conflict: sentences in planner words, one for each row or bound that takes part.
        repair: the cheapest loosenings, each {"text": what to write, "cost": cost of the plan it allows, "rows": what
            to write, a figure each}.
        summary: the conflict in groups.
        scenario: the scenario in which this is so: the figures are those that it leaves; empty for none.
    """

    def __init__(
        self,
        conflict: Sequence[str],
        repair: Sequence[dict[str, Any]] = (),
        summary: Sequence[str] = (),
        scenario: str = "",
    ) -> None:
        self.conflict = list(conflict)
        self.repair = list(repair)
        self.summary = list(summary or conflict)
        self.scenario = scenario
        super().__init__(self._said(self.summary, [(entry["text"], ()) for entry in self.repair]))

    @property
    def in_full(self) -> str:
        """The message with every row of the conflict, and every figure of the repairs."""
        ways = [(entry["text"], entry.get("rows", ())) for entry in self.repair]
        return self._said(self.conflict, [(text, rows if len(rows) > 1 else ()) for text, rows in ways])

    def under(self, scenario: str) -> InfeasibleError:
        """The same error, in a scenario."""
        return InfeasibleError(self.conflict, self.repair, self.summary, scenario)

    def with_every_row(self) -> InfeasibleError:
        """The same error, whose message is `in_full`."""
        error = self.under(self.scenario)
        error.args = (self.in_full,)
        return error

    def _said(self, conflict: Sequence[str], ways: Sequence[tuple[str, Sequence[str]]]) -> str:
        lines = ["no plan can satisfy all of these together:", *(f"  - {line}" for line in conflict)]
        if ways:
            figures = f" (figures as the scenario {self.scenario} leaves them)" if self.scenario else ""
            lines.append(f"any one of these makes it possible{figures}:")
        for text, rows in ways:
            lines += [f"  - {text}", *(f"      {row}" for row in rows)]
        return "\n".join(lines)


class UnboundedError(PlannerError):
    """The cost can fall without end, which is always an error in the data; the message names the decision."""


class LimitReachedError(PlannerError):
    """A time or iteration limit was reached before a proof; `plan` is the best plan so far, or None."""

    def __init__(self, message: str, plan: Any = None) -> None:
        self.plan = plan
        super().__init__(message)


class SolverError(PlannerError):
    """The solver failed, or its answer did not pass the certificate."""


_ACTING = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # Unicode: control, format (direction marks), surrogate, line separators


def visible(text: str) -> str:
    r"""A text whose control and direction characters are shown as Python writes them, `\x1b` for an escape.

    A terminal would obey them: move, recolour, reorder or hide what stands around them. Line ends and tabs stay.
    """
    if text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in _ACTING and character not in "\n\t"
        else character
        for character in text
    )


def nearest(text: str, known: Iterable[str]) -> str:
    """A sentence naming the known ids that are closest to `text`, for remedies."""
    names = sorted({str(name) for name in known})
    if not names:
        return "None is defined."
    close = difflib.get_close_matches(text, names, n=3, cutoff=0.5)
    if not close:
        lowered = {name.lower(): name for name in names}
        close = [lowered[match] for match in difflib.get_close_matches(text.lower(), list(lowered), n=3, cutoff=0.5)]
    if close:
        return f"Did you mean {' or '.join(close)}?"
    shown = ", ".join(names[:8])
    return f"Known: {shown}{', ...' if len(names) > 8 else '.'}"
