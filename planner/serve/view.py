"""A view: everything that the page is asked for, as a value that is read from a query string and written to one."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlencode

from planner.errors import UsageError

LONGEST = 16_000  # characters of a query
MOST_KEPT = 4
MOST_PARTS = 400  # fields of a query
MOST_FACTOR = 1000.0  # per cent
_NUMBER = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,9})?")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class ViewError(UsageError):
    """A query that is no view."""


@dataclass(frozen=True, order=True)
class Outage:
    """An outage that the page adds: a region (or group) is out, whole or at one stage.

    Attributes:
        region: region or region group.
        start: label of its first period.
        length: periods.
        stage: the stage that is out; "" for all of them.
    """

    region: str
    start: str
    length: int
    stage: str = ""


@dataclass(frozen=True, order=True)
class Repair:
    """A line of a repair that was taken up: a figure of a table or policy (solve/repairs.py).

    Attributes:
        rule: name of the instruction, e.g. `raise_cap`.
        labels: (name, value) of what the figure belongs to.
        figures: the figures of the instruction.
    """

    rule: str
    labels: tuple[tuple[str, str], ...]
    figures: tuple[float, ...]

    def written(self) -> str:
        """It as text, to be read by `_repair`."""
        return json.dumps([self.rule, dict(self.labels), list(self.figures)], separators=(",", ":"))


@dataclass(frozen=True)
class View:
    """What the page shows. Shares and factors are in per cent, as the sliders have them.

    Attributes:
        policy: name of the policy that is chosen; "" for none.
        against: name of the policy that is the baseline, as it is written; None for the one chosen.
        follow: region or group whose share is followed; "" for the planner's choice.
        scenario: name of a scenario that happens; "" for none.
        warning: whether scenario and outage are known from the first period.
        limits: the share of limits by the name of the first of their group.
        capacity, demand: factors by (stage, region); "" for all stages or regions.
        outage: an outage; None for none.
        chances: probabilities of scenarios.
        expected: whether every scenario is planned, for the expected cost.
        repairs: repairs taken up.
        kept: queries of the runs that stand beside it.
    """

    policy: str = ""
    against: str | None = None
    follow: str = ""
    scenario: str = ""
    warning: bool = True
    limits: Mapping[str, float] = field(default_factory=dict)
    capacity: Mapping[tuple[str, str], float] = field(default_factory=dict)
    demand: Mapping[tuple[str, str], float] = field(default_factory=dict)
    outage: Outage | None = None
    chances: Mapping[str, float] = field(default_factory=dict)
    expected: bool = False
    repairs: tuple[Repair, ...] = ()
    kept: tuple[str, ...] = ()

    @classmethod
    def read(cls, query: str) -> View:
        """The view of a query string.

        Raises:
            ViewError: it is too long, names something that no view has, or holds a figure that is none.
        """
        if len(query) > LONGEST:
            raise ViewError(f"The query has more than {LONGEST:,} characters.")
        try:
            pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), max_num_fields=MOST_PARTS)
        except ValueError:
            raise ViewError("The query is not written as a query is (name=value&name=value).") from None
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name not in _READ:
                raise ViewError(f"A view has no '{name[:40]}'.")
            into, read = _READ[name]
            part = read(value)
            if isinstance(part, dict):
                found[into] = {**found.get(into, {}), **part}
            elif into in {"repairs", "kept"}:
                found[into] = (*found.get(into, ()), part)
            elif into in found:
                raise ViewError(f"The view has {name} twice.")
            else:
                found[into] = part
        if len(found.get("kept", ())) > MOST_KEPT:
            raise ViewError(f"At most {MOST_KEPT} runs stand side by side with the present one.")
        return cls(**found)

    @property
    def query(self) -> str:
        """The query string of this view: equal views have equal ones."""
        return urlencode(list(self._pairs()), safe=":,")

    @property
    def alone(self) -> View:
        """The view without what is shown beside its plan: other runs, and probabilities."""
        return replace(self, kept=(), chances={}, expected=False)

    @property
    def planned(self) -> View:
        """The part of the view that decides its plan: views with an equal one have the same plan."""
        event = bool(self.scenario or self.outage)
        return replace(self.alone, against=None, follow="", warning=self.warning or not event)

    def _pairs(self) -> Iterable[tuple[str, str]]:
        yield "policy", self.policy
        if self.against is not None:
            yield "against", self.against
        if self.follow:
            yield "follow", self.follow
        if self.scenario:
            yield "scenario", self.scenario
        if not self.warning:
            yield "warning", "no"
        yield from (("limit", f"{name}:{_written(share)}") for name, share in sorted(self.limits.items()))
        for word, factors in (("capacity", self.capacity), ("demand", self.demand)):
            for (stage, region), factor in sorted(factors.items()):
                yield word, f"{stage}:{region}:{_written(factor)}"
        if self.outage:
            out = self.outage
            yield "outage", ":".join([out.region, out.start, str(out.length), *([out.stage] if out.stage else [])])
        yield from (("chance", f"{name}:{_written(share)}") for name, share in sorted(self.chances.items()))
        if self.expected:
            yield "expected", "yes"
        yield from (("repair", repair.written()) for repair in self.repairs)
        yield from (("keep", query) for query in self.kept)


def _written(number: float) -> str:
    return f"{number:.9f}".rstrip("0").rstrip(".")


def _no(message: str) -> NoReturn:
    raise ViewError(message)


def _name(value: str) -> str:
    return value if not value or _ID.fullmatch(value) else _no(f"'{value[:40]}' is no id.")


def _number(value: str, most: float) -> float:
    number = float(value) if _NUMBER.fullmatch(value) else math.nan
    return number if 0 <= number <= most else _no(f"'{value[:40]}' is no figure from 0 to {most:g}.")


def _yes(value: str) -> bool:
    return value == "yes" if value in {"yes", "no"} else _no(f"'{value[:40]}' is neither yes nor no.")


def _share(value: str) -> dict[str, float]:
    name, _, share = value.rpartition(":")
    return {_name(name) or _no("A share needs a name."): _number(share, 100.0)}


def _factor(value: str) -> dict[tuple[str, str], float]:
    parts = value.split(":")
    if len(parts) != 3:
        _no(f"'{value[:40]}' is not written as STAGE:REGION:PER-CENT.")
    return {(_name(parts[0]), _name(parts[1])): _number(parts[2], MOST_FACTOR)}


def _outage(value: str) -> Outage:
    parts = value.split(":")
    if len(parts) not in {3, 4} or not all(parts[:2]) or not parts[2].isdecimal() or not 1 <= len(parts[2]) <= 3:
        _no(f"'{value[:40]}' is not written as REGION:START:PERIODS or REGION:START:PERIODS:STAGE.")
    start = parts[1] if len(parts[1]) <= 64 else _no("No period has so long a label.")
    return Outage(_name(parts[0]), start, max(1, int(parts[2])), _name(parts[3]) if len(parts) == 4 else "")


def _repair(value: str) -> Repair:
    try:
        rule, labels, figures = json.loads(value, parse_constant=_no)
        known = tuple(sorted((str(name), str(text)) for name, text in labels.items()))
        numbers = tuple(float(figure) for figure in figures)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise ViewError(f"'{value[:40]}' is no repair.") from None
    if not all(math.isfinite(number) for number in numbers) or not isinstance(rule, str):
        raise ViewError(f"'{value[:40]}' is no repair.")
    return Repair(rule, known, numbers)


def _kept(value: str) -> str:
    view = View.read(value)
    if view.kept:
        raise ViewError("A run that stands beside another has none beside it.")
    return view.alone.query


_READ = {
    "policy": ("policy", _name),
    "against": ("against", _name),
    "follow": ("follow", _name),
    "scenario": ("scenario", _name),
    "warning": ("warning", _yes),
    "limit": ("limits", _share),
    "capacity": ("capacity", _factor),
    "demand": ("demand", _factor),
    "outage": ("outage", _outage),
    "chance": ("chances", _share),
    "expected": ("expected", _yes),
    "repair": ("repairs", _repair),
    "keep": ("kept", _kept),
}
