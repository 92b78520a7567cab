"""The exceptions of the planner.

Everything that the planner raises on purpose is a `PlannerError`; anything else is a bug.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from planner.problems import LISTED, LeftOut, Names, Problem, Problems, alike, nearest, places

__all__ = [
    "LISTED",
    "InfeasibleError",
    "InstanceError",
    "LeftOut",
    "LimitReachedError",
    "Names",
    "PlannerError",
    "Problem",
    "Problems",
    "SolverError",
    "StoreError",
    "UnboundedError",
    "UsageError",
    "alike",
    "nearest",
    "places",
    "visible",
]


class PlannerError(Exception):
    """Anything that the planner refuses or cannot do, with a message for the user.

    The message quotes names and files as they were given, so control characters in it are made visible: a terminal
    would act on them.
    """

    def __str__(self) -> str:
        return visible(super().__str__())

    def __reduce__(self) -> tuple[Any, ...]:
        """For pickle and copy: the error with its message and attributes, as another process gets it."""
        return _error_of, (type(self), self.args, self._carried())

    def _carried(self) -> dict[str, Any]:
        return dict(self.__dict__)


def _error_of(kind: type[PlannerError], args: tuple[Any, ...], attributes: dict[str, Any]) -> PlannerError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(attributes)
    return error


class UsageError(PlannerError):
    """A name, file or option that the user gave does not exist or does not fit."""


class StoreError(UsageError):
    """The run store cannot be read or written: no store, of a newer planner, damaged, full, or out of reach."""


class InstanceError(PlannerError):
    """An instance, or a policy or scenario made in Python, is not right.

    Attributes:
        problems: what was found; of each kind the first `LISTED`.
        left_out: how many more there are of a kind.
    """

    def __init__(self, problems: Sequence[Problem], what: str = "instance", left_out: Sequence[LeftOut] = ()) -> None:
        self.problems, self.left_out = tuple(problems), tuple(left_out)
        count = len(self.problems) + sum(kind.count for kind in self.left_out)
        head = f"{count:,} problem{'s' if count != 1 else ''} in the {what}"
        shown = alike(self.problems)[:20]
        rest = count - sum(map(len, shown))
        more = [f"  and {rest:,} more: `planner check` lists them"] if rest else []
        super().__init__("\n".join([head, *(f"  {group[0].at(places(group))}" for group in shown), *more]))


class InfeasibleError(PlannerError):
    """No plan satisfies every row; `conflict` says which rows clash, `repair` what would loosen them.

    Its message gathers the conflict over customers, items, places and periods; `in_full` has every row of it.

    Attributes:
        conflict: sentences in planner words, one for each row or bound that takes part.
        repair: the cheapest loosenings, each {"text": what to write, "cost": cost of the plan it allows, "rows": what
            to write, a figure each}.
        summary: the conflict in groups.
        lines: the figures of each repair as values (`Line` of model/words), for who writes them down; they stay in
            their process, and a pickled error has none.
        scenario: the scenario in which this is so: the figures are those that it leaves; empty for none.
    """

    def __init__(
        self,
        conflict: Sequence[str],
        repair: Sequence[dict[str, Any]] = (),
        summary: Sequence[str] = (),
        lines: Sequence[Sequence[Any]] = (),
        scenario: str = "",
    ) -> None:
        self.conflict = list(conflict)
        self.repair = list(repair)
        self.lines = tuple(tuple(part) for part in lines)
        self.summary = list(summary or conflict)
        self.scenario = scenario
        super().__init__(self._said(self.summary, [(entry["text"], ()) for entry in self.repair]))

    def _carried(self) -> dict[str, Any]:
        return {**super()._carried(), "lines": ()}

    @property
    def in_full(self) -> str:
        """The message with every row of the conflict, and every figure of the repairs."""
        ways = [(entry["text"], entry.get("rows", ())) for entry in self.repair]
        return self._said(self.conflict, [(text, rows if len(rows) > 1 else ()) for text, rows in ways])

    def under(self, scenario: str) -> InfeasibleError:
        """The same error with a scenario: the figures of its conflict are those under that scenario."""
        return InfeasibleError(self.conflict, self.repair, self.summary, self.lines, scenario)

    def with_every_row(self) -> InfeasibleError:
        """The same error with `in_full` as its message: every row of the conflict instead of groups."""
        error = self.under(self.scenario)
        error.args = (self.in_full,)
        return error

    def _said(self, conflict: Sequence[str], ways: Sequence[tuple[str, Sequence[str]]]) -> str:
        """The message: the conflict as a list of sentences, and the repairs with their single figures."""
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


def refuse_other_kinds(name: str, value: object, kinds: type | tuple[type, ...], give: str) -> None:
    """Refuse an argument of another kind in words, before something inside fails because of it.

    Args:
        name: of the argument.
        value: what was given.
        kinds: what can be given.
        give: the same in words, e.g. `the path of an instance`.

    Raises:
        UsageError: it is none of them.
    """
    if not isinstance(value, kinds):
        raise UsageError(f"{name} is {value!r:.60}. Give {give}.")


_ACTING = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # Unicode: control, format (direction marks), surrogate, line separators


def visible(text: str) -> str:
    r"""A text whose control and direction characters are shown as Python writes them, `\x1b` for an escape.

    A terminal would obey them: move, recolour, reorder or hide the text around them. Line ends and tabs stay.
    """
    if text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in _ACTING and character not in "\n\t"
        else character
        for character in text
    )
