"""The command `planner frontier`: the least cost of a policy at every level of some of its limits."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.cli.bar import progress, read_instance
from planner.cli.frontier_shown import print_frontier
from planner.cli.interrupts import writing
from planner.cli.keeping import NoMemory, memory_of, say_kept, store_options
from planner.cli.options import (
    Number,
    instance_argument,
    json_failures,
    json_option,
    print_json,
    say,
    time_limit_option,
)

if TYPE_CHECKING:
    from planner.instance.instance import Instance
    from planner.instance.policy import Limit
    from planner.store.memory import StoreMemory
    from planner.study.frontier.curve import Frontier
    from planner.study.frontier.levels import Levels
    from planner.study.progress import Effort

LIMIT = 4
SHARE = Number(min=0, max=1)


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
    from planner.instance.policy import Limit
    from planner.study.frontier.levels import Levels
    from planner.study.frontier.price_of_resilience import added_limit
    from planner.study.progress import Effort

    moved: list[str | Limit] = [*limits, *(Limit.model_validate(added_limit(text)) for text in added)]
    levels = Levels(start, stop, at, within, error, hard=hard)
    kept = f"each level that was solved is kept in {out}, and the same command goes on from there"
    memory = memory_of("frontier", no_store=no_store, fresh=fresh)
    loaded = read_instance(instance)
    with progress("solving") as advance, writing(out, kept):
        advance(0, 0, instance.name)
        effort = Effort(time_limit, progress=advance).with_deadline()
        asked = FrontierRequest(loaded, policy, scenario, moved, levels, not no_policies, out)
        found = _answer(asked, effort, memory)
    if out is not None:
        from planner.report.frontier_page import write_frontier

        with writing(out, kept):
            write_frontier(found, out)
    if as_json:
        print_json({**found.as_json(), "run": memory.answer})
    else:
        print_frontier(found, every=every)
    before = f", {found.remembered} known before" if found.remembered else ""
    say(f"levels: {found.solved} solved{before}; {found.fallbacks} from cold after a hot start")
    if out is not None:
        say(f"wrote {out}{os.sep}: frontier.html, frontier.csv, frontier.json; each solved level in points.jsonl")
    say_kept(memory)
    if not found.complete:
        again = "the same command goes on from here" if out is not None else "with --out it could go on from there"
        say(f"planner: stopped before the curve was complete; {again}")
        return LIMIT
    return 0


@dataclass(frozen=True)
class FrontierRequest:
    """What is asked: an instance, a policy and a scenario by name or file, which limits move where, and a folder."""

    instance: Instance
    policy: str | None
    scenario: str | None
    moved: list[str | Limit]
    levels: Levels
    marks: bool
    folder: Path | None

    def question(self) -> str:
        """The hash of what is asked, without the folder."""
        from planner.instance.by_name_or_file import find_policy, find_scenario
        from planner.plan.run_record import policy_record, scenario_record
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


def _answer(asked: FrontierRequest, effort: Effort, memory: StoreMemory | NoMemory) -> Frontier:
    """The frontier from the store, or a new one, which is then stored; a folder has a journal from which it resumes."""
    from planner.store.answers import frontier_answer, frontier_of
    from planner.study.frontier.price_of_resilience import frontier as trace

    question = asked.question()
    known = None if asked.folder is not None else memory.recall_answer(question, frontier_of)
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
    if found.complete:
        memory.keep_answer(question, asked.instance, frontier_answer(found), (found.policy, found.scenario))
    return found
