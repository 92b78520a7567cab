"""planner frontier."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.cli.bar import progress
from planner.cli.interrupts import writing
from planner.cli.keeping import memory_of, say_kept, store_options
from planner.cli.options import (
    Number,
    instance_argument,
    json_failures,
    json_option,
    print_json,
    say,
    time_limit_option,
)
from planner.cli.show import console, figure, heading, percentage, print_table

if TYPE_CHECKING:
    import pandas as pd

    from planner.instance.instance import Instance
    from planner.instance.policy import Limit
    from planner.store.memory import StoreMemory
    from planner.study.frontier.curve import Frontier, Within
    from planner.study.frontier.levels import Levels
    from planner.study.frontier.points import Break
    from planner.study.progress import Effort

LIMIT = 4
SHARE = Number(min=0, max=1)
SHOWN_CONFLICTS = 8


@click.command(
    short_help="The price of resilience: least cost against a limit.",
    epilog="Example: planner frontier instances/canning --policy balanced --limit any-region --to 0.4",
)
@instance_argument
@click.option("--policy", metavar="P", help="Policy (name or file) whose other limits hold; without it, none do.")
@click.option("--scenario", metavar="S", help="Scenario (name or file) that happens; without it, nothing does.")
@click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="NAME",
    help="Limit of the policy to move, or a pattern such as 'free-*'; several are moved together.",
)
@click.option(
    "--add",
    "added",
    multiple=True,
    metavar="LIMIT",
    help="Add a cap that the policy lacks, and move it: stage:STAGE:REGION or pathway:REGION.",
)
@click.option("--from", "start", type=SHARE, metavar="LEVEL", help="First level, a share; no limit if not given.")
@click.option(
    "--to", "stop", type=SHARE, metavar="LEVEL", help="Last level; 0.2 for a cap, 0.8 for a floor if not given."
)
@click.option("--at", type=SHARE, multiple=True, metavar="LEVEL", help="Solve this level too; may be repeated.")
@click.option(
    "--within",
    type=Number(min=0),
    multiple=True,
    metavar="PART",
    help="How tight can the limit be within this part of the least cost (0.01 for 1 %)? May be repeated.",
)
@click.option(
    "--error",
    type=SHARE,
    metavar="PART",
    help="What straight lines may err by, as a part of the cost range: 0.001 for caps and 0 for floors (every "
    "breakpoint) if not given; 0.00001 is quicker for a floor with hundreds.",
)
@click.option("--hard", is_flag=True, help="Hold soft limits hard instead of paying for what passes them.")
@click.option("--all", "every", is_flag=True, help="Print every solved level, not only those that shape the curve.")
@click.option("--no-policies", is_flag=True, help="Do not solve the instance's policies to place them by the curve.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Keep solved levels here and go on from them; write frontier.csv, frontier.json and frontier.html.",
)
@time_limit_option
@store_options
@json_option
@json_failures
def frontier(
    instance: Path,
    policy: str | None,
    scenario: str | None,
    limits: tuple[str, ...],
    added: tuple[str, ...],
    start: float | None,
    stop: float | None,
    at: tuple[float, ...],
    within: tuple[float, ...],
    error: float | None,
    out: Path | None,
    time_limit: float | None,
    *,
    hard: bool,
    every: bool,
    no_policies: bool,
    no_store: bool,
    fresh: bool,
    as_json: bool,
) -> int:
    """The price of resilience: least cost, and lost units, against the level of limits whose policy holds otherwise.

    A level is a max_share (caps) or a min_free (floors). Floors give exact breakpoints and slopes; caps are refined
    where the curve bends, with jumps and levels without a plan shown. Ctrl-C loses nothing with --out.
    """
    from planner.instance.loading import load_instance
    from planner.instance.policy import Limit
    from planner.study.frontier.levels import Levels
    from planner.study.frontier.price_of_resilience import added_limit
    from planner.study.progress import Effort

    moved: list[str | Limit] = [*limits, *(Limit.model_validate(added_limit(text)) for text in added)]
    levels = Levels(start, stop, at, within, error, hard=hard)
    kept = f"each level that was solved is kept in {out}, and the same command goes on from there"
    memory = memory_of("frontier", no_store=no_store, fresh=fresh)
    with progress("solving") as advance, writing(out, kept):
        advance(0, 0, instance.name)
        effort = Effort(time_limit, progress=advance).begun()
        asked = Asked(load_instance(instance), policy, scenario, moved, levels, not no_policies, out)
        found = _answer(asked, effort, memory)
    if out is not None:
        from planner.report.frontier_page import write_frontier

        with writing(out, kept):
            write_frontier(found, out)
    if as_json:
        print_json({**found.as_json(), "run": None if memory is None else memory.answer})
    else:
        print_frontier(found, every=every)
    before = f", {found.remembered} known before" if found.remembered else ""
    say(f"levels: {found.solved} solved{before}; {found.fallbacks} from cold after a hot start")
    if out is not None:
        say(f"wrote {out}{os.sep}: frontier.html, frontier.csv, frontier.json; each solved level in points.jsonl")
    say_kept(memory, [] if memory is None or memory.answer is None else [memory.answer])
    if not found.complete:
        again = "the same command goes on from here" if out is not None else "with --out it could go on from there"
        say(f"planner: stopped before the curve was complete; {again}")
        return LIMIT
    return 0


@dataclass(frozen=True)
class Asked:
    """What is asked: an instance, a policy and a scenario by name or file, what moves where, and a folder for it."""

    instance: Instance
    policy: str | None
    scenario: str | None
    moved: list[str | Limit]
    levels: Levels
    marks: bool
    folder: Path | None

    def question(self) -> str:
        """The hash of what is asked, the folder left aside."""
        from planner.plan.planning import find_policy, find_scenario
        from planner.plan.record import policy_record, scenario_record
        from planner.store.questions import question

        levels = self.levels
        limits = [part if isinstance(part, str) else part.model_dump(mode="json", by_alias=True) for part in self.moved]
        return question(
            "frontier",
            {
                "instance": self.instance.content_hash,
                "policy": policy_record(find_policy(self.instance, self.policy)),
                "scenario": scenario_record(find_scenario(self.instance, self.scenario)),
                "limits": limits,
                "levels": [levels.start, levels.stop, levels.at, levels.within, levels.error, levels.hard],
                "marks": self.marks,
            },
        )


def _answer(asked: Asked, effort: Effort, memory: StoreMemory | None) -> Frontier:
    """The frontier that is kept already, or a new one that then is; with a folder, levels are kept there and go on."""
    from planner.store.answers import frontier_answer, frontier_of
    from planner.study.frontier.price_of_resilience import frontier as trace

    question = None if memory is None else asked.question()
    if memory is not None and question is not None and asked.folder is None:
        known = memory.recall_answer(question, frontier_of)
        if known is not None:
            return known
    found = trace(
        asked.instance,
        asked.policy,
        asked.moved,
        asked.levels,
        scenario=asked.scenario,
        marks=asked.marks,
        folder=asked.folder,
        effort=effort,
    )
    if memory is not None and question is not None and found.complete:
        memory.keep_answer(question, asked.instance, frontier_answer(found), (found.policy, found.scenario))
    return found


def print_frontier(found: Frontier, *, every: bool) -> None:
    """Print a frontier; with every level that was solved, or those that shape it."""
    out = console()
    field = "min_free" if found.floor else "max_share"
    names = ", ".join(found.limits[:6]) + (f" and {len(found.limits) - 6} more" if len(found.limits) > 6 else "")
    words = f": {found.policy}, least cost against {field} of {names}"
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

    rows = [
        {
            "policy": mark.policy,
            "keeps": percentage(mark.level),
            "cost": mark.cost,
            "extra_cost": round(mark.cost - found.least, 3),
            "note": mark.note,
        }
        for mark in found.marks
    ]
    table = pd.DataFrame(rows)
    if not table["note"].any():
        table = table.drop(columns="note")
    what = "the least share free" if found.floor else "the largest share"
    print_table(table, f"The policies: {what} that their own plan has where the moved limits look")
