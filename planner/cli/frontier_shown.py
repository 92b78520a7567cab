"""A frontier on a terminal: the line about it, level by level, jumps and levels without a plan, and the policies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from planner.cli.show import console, figure, heading, percentage, print_table
from planner.text.figures import first_of

if TYPE_CHECKING:
    import pandas as pd

    from planner.study.frontier.curve import Frontier, Within
    from planner.study.frontier.points import Break

SHOWN_CONFLICTS = 8
SHOWN_LIMITS = 6


def print_frontier(found: Frontier, *, every: bool) -> None:
    """Print a frontier; with every level that was solved, or those that shape it."""
    out = console()
    field = "min_free" if found.floor else "max_share"
    words = f": {found.policy}, least cost against {field} of {first_of(found.limits, SHOWN_LIMITS)}"
    out.print(heading(found.instance, words), soft_wrap=True)
    out.print(_about(found), markup=False, soft_wrap=True)
    out.print()
    table = found.points if every else found.outline()
    print_table(
        _shown(table),
        f"Level by level ({found.currency}; price: of one point tighter, here and from here to the next level)",
    )
    if len(table) < len(found.points):
        out.print(f"... {len(table)} of {len(found.points)} solved levels; the others lie on straight lines (--all)")
    for part in found.breaks:
        out.print()
        _print_break(found, part)
    if found.within_asked:
        out.print()
        for ratio in found.within_asked:
            out.print("- " + _within_words(found, found.within(ratio)), markup=False, soft_wrap=True)
    if found.marks:
        out.print()
        _print_marks(found)


def _about(found: Frontier) -> str:
    text = f"least cost without: {figure(found.least)} {found.currency}. "
    if found.tightening.empty:
        return text
    error = f"{figure(found.error)} {found.currency}"
    if found.exact and not found.error:
        text += "Exact, to what a solve proves (2e-9 of the cost): straight between its breakpoints."
    elif found.exact:
        text += f"Breakpoints are exact; those left out would move the curve by less than {error} (proved)."
    else:
        text += f"Refined where it bends, until straight lines err by less than {error}."
    if found.soft:
        text += " Soft limits keep their price: it is part of the cost, and the share that is kept may be less."
    if found.integer:
        text += " With integer decisions; prices hold with these as they are."
    return text


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """The table as people read it; levels as text with as many digits as they need."""
    shown = table.drop(columns=["status"]).copy()
    shown["level"] = [f"{100 * level:.2f}\u00a0%" for level in table["level"]]
    solved = table["status"] == "optimal"
    shown["kind"] = table["kind"].where(solved, table["status"])
    return shown.rename(columns={"price_per_point": "price_here"})


def _print_break(found: Frontier, part: Break) -> None:
    out = console()
    looser, tighter = f"{100 * part.looser:.2f}\u00a0%", f"{100 * part.tighter:.2f}\u00a0%"
    if part.kind == "jump":
        out.print(f"Jump: between {looser} and {tighter} the cost leaps by {figure(part.cost)} {found.currency}.")
        return
    if part.kind == "unproved":
        out.print(f"Unproved: from {looser} to {tighter} no answer passed its check.")
        return
    none = f"from {looser} to {tighter}" if found.tightening.empty else f"beyond {looser} (to {tighter})"
    out.print(f"No plan {none}, since these cannot hold together:")
    for sentence in part.conflict[:SHOWN_CONFLICTS]:
        out.print(f"  - {sentence}", markup=False, soft_wrap=True)
    if len(part.conflict) > SHOWN_CONFLICTS:
        out.print(f"  - and {len(part.conflict) - SHOWN_CONFLICTS} more")


def _within_words(found: Frontier, answer: Within) -> str:
    cost = f"Within {percentage(answer.ratio)} of the least cost ({figure(answer.ceiling)} {found.currency})"
    if math.isnan(answer.level):
        return f"{cost}: not even {100 * answer.beyond:.2f} %."
    if math.isnan(answer.beyond):
        return f"{cost}: the whole range, to {100 * answer.level:.2f} %."
    return f"{cost}: to {100 * answer.level:.2f} %."


def _print_marks(found: Frontier) -> None:
    import pandas as pd

    from planner.study.frontier.level_search import PROVED

    rows = [
        {
            "policy": mark.policy,
            "keeps": percentage(mark.level),
            "cost": mark.cost,
            "extra_cost": 0.0 if abs(mark.cost - found.least) <= PROVED * abs(found.least) else mark.cost - found.least,
            "note": mark.note,
        }
        for mark in found.marks
    ]
    table = pd.DataFrame(rows)
    if not table["note"].any():
        table = table.drop(columns="note")
    what = "the least share free" if found.floor else "the largest share"
    print_table(table, f"The policies: {what} that their own plan has where the moved limits look")
