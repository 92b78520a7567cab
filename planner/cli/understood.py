"""What `planner check` understood of an instance: for each stage who makes it where, and orders against capacity."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from planner.cli.show import SPACE, console, figure, heading
from planner.instance.fields import LARGEST

if TYPE_CHECKING:
    from planner.instance.instance import Instance
    from planner.network.load import StageLoad

LONGEST_STAGE, LONGEST_LABEL, NARROWEST_SHARE = 12, 8, 6
NARROWEST_NAMES, WIDEST_NAMES = 14, 30
GAP = 2  # between columns
MOST_STAGES = 20  # that are shown
FIGURES = ("needed", "can make")


def understood_as_json(instance: Instance, loads: Sequence[StageLoad]) -> list[dict[str, Any]]:
    """The stages as JSON; a capacity or share is null where there is no limit, a share also where nothing is made."""
    return [
        {
            "stage": load.stage,
            "items": list(load.items),
            "sites": list(load.sites),
            **_figures(load, slice(None)),
            "periods": [
                {"period": label, **_figures(load, slice(at, at + 1))}
                for at, label in enumerate(instance.periods.labels)
            ],
        }
        for load in loads
    ]


def _figures(load: StageLoad, periods: slice) -> dict[str, float | None]:
    capacity, share = math.fsum(load.capacity[periods]), load.share(periods)
    return {
        "needed": math.fsum(load.needed[periods]),
        "capacity": None if math.isinf(capacity) else capacity,
        "share": None if share is None or math.isinf(share) else share,
    }


def _left_out(instance: Instance) -> str:
    """What the comparison of orders with capacity does not count, of what the instance has."""
    stock = any(row.opening > 0 for row in instance.stocks) or bool(instance.arrivals)
    if not instance.expansions:
        return ", stock left out" if stock else ""
    return f", {'stock and' if stock else 'expansion'} options left out"


def print_understood(instance: Instance, loads: Sequence[StageLoad]) -> None:
    """Print the stages as one table, or as two where one would be wider than the console."""
    out = console()
    loads, more = loads[:MOST_STAGES], len(loads) - MOST_STAGES
    labels = [_cut(text, LONGEST_LABEL) for text in instance.periods.labels]
    figures = [(_units(math.fsum(load.needed)), _units(math.fsum(load.capacity))) for load in loads]
    stage = max(len("stage"), *(min(len(load.stage), LONGEST_STAGE) for load in loads))
    label = max(NARROWEST_SHARE, *map(len, labels))
    widest = sum(max(map(len, column)) for column in zip(FIGURES, *figures, strict=True))
    room = out.width - stage - widest - 4 * GAP
    together = room - len(labels) * (label + GAP) >= 2 * NARROWEST_NAMES
    names = max(2, min(WIDEST_NAMES, (room - len(labels) * (label + GAP) * together) // 2))
    each = 1 if together else math.ceil(len(labels) / max(1, (out.width - stage) // (label + GAP)))
    windows = [slice(at, at + each) for at in range(0, len(labels), each)]
    shares = [[_share(load.share(window)) for window in windows] for load in loads]
    heads = ["share"] if len(labels) == 1 else [labels[window.start] for window in windows]
    stages = [_cut(load.stage, stage) for load in loads]
    made = [[_few(load.items, names), _few(load.sites, names)] for load in loads]
    without = _left_out(instance)
    without += f"; the first {MOST_STAGES} of {len(instance.stages):,} stages" if more > 0 else ""
    out.print(heading("What was understood", f": good units of each stage{without}"))
    rows = [[name, *of, *load] for name, of, load in zip(stages, made, figures, strict=True)]
    if together:
        _print(
            ["stage", "makes", "at"], [*FIGURES, *heads], [[*row, *of] for row, of in zip(rows, shares, strict=True)]
        )
        return
    _print(["stage", "makes", "at"], FIGURES, rows)
    by = "period" if each == 1 else f"{each} periods from"
    out.print(f"Share of what can be made that is needed, by {by}:")
    _print(["stage"], heads, [[name, *of] for name, of in zip(stages, shares, strict=True)])


def _print(words: Sequence[str], figures: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table of columns of words and of figures."""
    from rich.table import Table

    grid = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    for name in words:
        grid.add_column(name, no_wrap=True)
    for name in figures:
        grid.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        grid.add_row(*row)
    console().print(grid)


def _units(units: float) -> str:
    return figure(units) if units < LARGEST or math.isinf(units) else f"{units:.2g}"


def _share(share: float | None) -> str:
    """A share in few characters: 45 %, 12x for twelve times as much, `none` where nothing can be made."""
    if share is None:
        return "-"
    if math.isinf(share):
        return "none"
    if share >= 10:
        return f"{share:,.0f}x" if share < 1e4 else f"{share:.0e}x".replace("e+0", "e").replace("e+", "e")
    return f"{100 * share:.0f}{SPACE}%" if share >= 0.01 or share == 0 else f"{100 * share:.1g}{SPACE}%"


def _few(names: Sequence[str], width: int) -> str:
    """As many names as fit into a width, and the number of the others."""
    for count in range(min(len(names), width // 3 + 1), 0, -1):  # a name and what stands before it are 3 and more
        more = f", +{len(names) - count}" if count < len(names) else ""
        text = ", ".join(names[:count]) + more
        if len(text) <= width:
            return text
    more = f", +{len(names) - 1}" if len(names) > 1 else ""
    return _cut(names[0], width - len(more)) + more if names else "-"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 2, 0)] + ".."
