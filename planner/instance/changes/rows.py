"""Changing rows: a figure over a window, its linear recovery, and rows split where the figure changes.

In the window the deviation is in force in full. Over the n = `recovery` periods after it, it fades: in the k-th of
them, k = 1..n, the part 1 - k / (n + 1) of the deviation is in force.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from planner.instance.changes.change import Change, Deviation, RefusedError
from planner.instance.fields import LARGEST

if TYPE_CHECKING:
    from planner.instance.instance import Instance

Row = Any


def weights(instance: Instance, change: Change) -> list[float]:
    """The part (0-1) of the deviation that is in force in each planned period."""
    window = instance.periods.window(change.period)
    part = [0.0] * len(instance.periods)
    for position in window:
        part[position] = 1.0
    for k in range(1, change.recovery + 1):
        if window.stop + k - 1 < len(part):
            part[window.stop + k - 1] = 1.0 - k / (change.recovery + 1)
    return part


def split(instance: Instance, row: Row, updates: Callable[[int], dict[str, Any]]) -> list[Row]:
    """Replace a row by the fewest rows with consecutive windows, each with the updates of its periods."""
    pieces: list[tuple[int, int, dict[str, Any]]] = []
    for position in instance.periods.window(row.period):
        update = updates(position)
        if pieces and pieces[-1][2] == update:
            pieces[-1] = (pieces[-1][0], position, update)
        else:
            pieces.append((position, position, update))
    if len(pieces) == 1 and not pieces[0][2]:
        return [row]
    return [
        row.model_copy(update={**update, "period": instance.periods.window_text(first, last)})
        for first, last, update in pieces
    ]


def changed(
    instance: Instance,
    rows: Iterable[Row],
    selected: Callable[[Row], bool],
    field: str,
    change: Deviation,
    base: Callable[[Row], float | None] | None = None,
    finish: Callable[[float], Any] = lambda figure: figure,
) -> list[Row]:
    """All rows, with one figure of the selected ones changed over the window."""
    part = weights(instance, change)
    out: list[Row] = []
    for row in rows:
        start = base(row) if base else getattr(row, field)
        if not selected(row) or start is None:
            out.append(row)
            continue
        out += split(instance, row, updates(change, field, start, part, finish))
    return out


def updates(
    change: Deviation,
    field: str,
    base: float,
    part: Sequence[float],
    finish: Callable[[float], Any] = lambda figure: figure,
) -> Callable[[int], dict[str, Any]]:
    """A function that gives, for each period, the changed figure; an empty mapping where no deviation is in force."""

    def update(position: int) -> dict[str, Any]:
        if not part[position]:
            return {}
        return {field: finish(figure_of(change, field, base, part[position]))}

    return update


def figure_of(change: Deviation, field: str, base: float, part: float) -> float:
    """The changed figure.

    Raises:
        RefusedError: it leaves the range of its field.
    """
    figure = change.figure(base, part)
    name = field.rstrip("_")
    if name == "yield" and not 0 < figure <= 1:
        raise RefusedError(
            f"A yield would become {figure:g}.", "Keep it above 0 and at most 1; to stop a process use an outage."
        )
    if not abs(figure) < LARGEST:
        raise RefusedError(f"{name} would become {figure:g}, which is too large.", "Use a smaller change.")
    if figure < 0 and field != "unit_cost":
        raise RefusedError(f"{name} would become {figure:g}, below 0.", "Use a smaller change, or set: 0.")
    return figure


def in_windows(
    instance: Instance, figures: dict[tuple[Any, int], Any], make: Callable[[Any, str, Any], Row]
) -> list[Row]:
    """Rows with the fewest windows that hold some figures, which are given by (key, period)."""
    by_key: dict[Any, dict[Any, list[int]]] = defaultdict(lambda: defaultdict(list))
    for (key, t), figure in figures.items():
        by_key[key][figure].append(t)
    return [
        make(key, text, figure)
        for key, kinds in by_key.items()
        for figure, positions in kinds.items()
        for text in instance.periods.windows(positions)
    ]


def with_exact(
    instance: Instance,
    rows: Iterable[Row],
    key_of: Callable[[Row], Any],
    figures: dict[tuple[Any, int], Any],
    make: Callable[[Any, str, Any], Row],
) -> list[Row]:
    """Rows with those of some keys replaced by exact rows that hold a figure for each (key, period).

    Args:
        instance: its periods.
        rows: all rows of a table.
        key_of: the key of a row; rows whose key has no figure stay.
        figures: figures by key and period.
        make: a row of a key, a window and a figure.
    """
    keys = {key for key, _ in figures}
    return [row for row in rows if key_of(row) not in keys] + in_windows(instance, figures, make)
