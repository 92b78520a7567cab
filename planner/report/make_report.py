"""A report made and written: the policies of an instance under its scenarios, and what is asked beside the runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from planner.instance.instance import Instance
from planner.instance.loading import instance_of
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.instance.whole_files import refuse_file
from planner.plan.run_options import RunOptions
from planner.report.background import background
from planner.report.early_pages import EarlyPages
from planner.report.findings import Findings, Runs
from planner.report.kept_parts import KeptParts
from planner.report.left_out import comparable_runs
from planner.report.page.grids import shares_grid
from planner.report.pictures.png import refuse_without_png
from planner.report.sections.answer import answer_sentence
from planner.report.sections.cards import cards
from planner.report.sections.pathways import views
from planner.report.studies import Studies
from planner.report.write_report import ReportTexts, put_report, refuse_to_replace_report, report_texts, write_report
from planner.solve.deadline import seconds_from_now
from planner.solve.solve_program import DEFAULT_SOLVER
from planner.study.failure import Run, unproved
from planner.study.progress import Effort, Progress
from planner.study.runs import Baselines, Memory, survey
from planner.text.blocks import Block, Summary
from planner.text.figures import joined
from planner.text.html import html_of

WRITING = 0.2  # of a time limit: what is kept back to write the report


@dataclass(frozen=True)
class Report:
    """A report that has been written.

    Attributes:
        folder: where report.html, summary.md and tables/*.csv stand.
        instance: as it is undisturbed.
        runs: by (policy name, scenario name); None for no policy, and for the undisturbed run.
        studies: what was found beside the runs.
        texts: what is written, as files.
    """

    folder: Path
    instance: Instance
    runs: Mapping[tuple[str | None, str | None], Run]
    studies: Studies
    texts: ReportTexts = field(repr=False)

    def __repr__(self) -> str:
        return f"<Report of {self.instance.settings.name}: {len(self.runs)} runs, in {self.folder}>"

    def _repr_html_(self) -> str:
        """The answer in a notebook, and what the figures are by policy."""
        return html_of(self.summary)

    @property
    def summary(self) -> Summary:
        """The summary of the report: the answer, the figures of every policy, and where each stage is made."""
        found = Findings(self.instance, self.runs, self.studies)
        rows = [(card.name, *card.cost, card.delivered[0], card.worst[0], card.failure) for card in cards(found)]
        columns = [
            "policy",
            "cost",
            "against the first",
            "delivered of ordered",
            "loss in the worst scenario",
            "why none",
        ]
        shares = shares_grid(found)
        blocks = (
            Block("Policies", pd.DataFrame(rows, columns=columns)),
            Block("Where each stage is made", pd.DataFrame(shares.rows, columns=shares.head), shares.caption),
        )
        left_out = (f"Left out: {joined(self.left_out)}.",) if self.left_out else ()
        title = self.instance.settings.title or self.instance.settings.name
        return Summary(title, (answer_sentence(found), f"The page stands in {self.page}.", *left_out), blocks)

    @property
    def page(self) -> Path:
        """The path of the page, report.html."""
        return self.folder / "report.html"

    @property
    def answer(self) -> str:
        """The answer of the report, one sentence derived from its figures."""
        return answer_sentence(Findings(self.instance, self.runs, self.studies))

    @property
    def left_out(self) -> tuple[str, ...]:
        """What is missing, or not proved, because the time limit ended."""
        return (*unproved(self.runs.values()), *self.studies.left_out)

    def as_json(self, ids: Mapping[tuple[str | None, str | None], str] | None = None) -> dict[str, Any]:
        """The object that `planner report --json` prints.

        Args:
            ids: the ids of the runs in the run store, by the names of policy and scenario.
        """
        return {
            "schema_version": 1,
            "report": str(self.page),
            "runs": [run.as_json((ids or {}).get(names)) for names, run in self.runs.items()],
            "left_out": list(self.studies.left_out),
        }


def report(
    source: Instance | str | Path,
    folder: str | Path | None = None,
    *,
    force: bool = False,
    figures: str | Path | None = None,
    png: bool = False,
    solver: str = DEFAULT_SOLVER,
    gap: float = 1e-6,
    effort: Effort | None = None,
    memory: Memory | None = None,
) -> Report:
    """Solve the policies of an instance under its scenarios, and write report.html, summary.md and tables/*.csv.

    Beside the runs: what finished units touched; how each policy breaks and recovers when a scenario marked as a
    surprise strikes; time to survive; the price of the limits; what is lost when a site, cluster, operator or region is
    out; how far the highest shadow prices hold; and the audit.

    The page is written once the policies are planned, and again while the studies are made. For a large instance the
    studies are stored in a folder `.kept` beside the page, and the next report makes only those whose inputs changed.

    >>> import planner, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     found = planner.report("instances/canning", folder)
    ...     sorted(path.name for path in found.folder.iterdir())
    ['report.html', 'summary.md', 'tables']

    Args:
        source: an instance or its path.
        folder: where to write; reports/<name of the instance> without one. Other files in it are left alone.
        force: whether the report of another instance that stands there is replaced.
        figures: a folder to which every picture of the page is written as an SVG file; None for none.
        png: whether they are written there as PNG files too.
        solver: PuLP's name of a solver.
        gap: relative gap at which integer decisions count as solved.
        effort: time, threads and progress; what the time limit leaves out is said in the report, and in `left_out`.
        memory: the run store that keeps the runs; None for none.

    Returns:
        the report, with its runs and studies.

    Raises:
        InstanceError: the instance is not right.
        UsageError: the folder is a file, or contains something else that would be lost; or PNG cannot be made.
        LimitReachedError: no policy was planned by the end of the time limit; nothing is written.
    """
    effort = effort or Effort()
    if effort.deadline is None and effort.time_limit is not None:
        effort = replace(effort, deadline=seconds_from_now((1 - WRITING) * effort.time_limit))
    instance = instance_of(source)
    place = Path("reports") / instance.settings.name if folder is None else Path(folder)
    drawn = None if figures is None else Path(figures)
    if drawn is not None and png:
        refuse_without_png()
    for folder_to_write in (place, drawn):  # before the work, not after it
        if folder_to_write is not None:
            refuse_file(folder_to_write)
    refuse_to_replace_report(place, instance.settings.name, force=force)
    policies: list[Policy | None] = [*instance.policies] or [None]
    options = RunOptions(solver, effort.time_limit, gap, effort.deadline)
    bases = Baselines(instance, policies, options)

    def planned(scenarios: Sequence[Scenario | None], done: int) -> dict[tuple[str | None, str | None], Run]:
        advance = _told(effort.progress, "solving", done, len(policies) * (1 + len(instance.scenarios)))
        return survey(instance, policies, scenarios, advance, options, effort.threads, bases=bases, memory=memory)

    def shown(runs: Runs, studies: Studies) -> None:
        write_report(instance, runs, place, studies, force=force)

    with EarlyPages(shown) as pages:
        first = planned([None], 0)
        kept, _ = comparable_runs(first)
        pages.first(kept, Studies(coming=("the scenarios", "all that is asked beside them")))
        every = first | (planned(instance.scenarios, len(first)) if instance.scenarios else {})
        names = [(policy, scenario) for policy, _ in first for scenario in (None, *_names(instance.scenarios))]
        runs, left_out = comparable_runs({name: every[name] for name in names})
        found = Findings(instance, runs)
        seen = [instance.scenario(view) for view in views(found) if view is not None]
        studies = background(
            instance,
            found.undisturbed,
            seen,
            replace(effort, progress=_told(effort.progress, "looking behind the plans")),
            bases=bases,
            tell=partial(pages.show, runs),
            kept=KeptParts(place),
        )
    studies = replace(studies, left_out=(*left_out, *studies.left_out))
    texts = report_texts(instance, runs, studies)
    put_report(texts, place, instance.settings.name, force=force, figures=drawn, png=png)
    return Report(place, instance, runs, studies, texts)


def _names(scenarios: Sequence[Scenario]) -> list[str]:
    return [scenario.name for scenario in scenarios]


def _told(progress: Progress | None, phase: str, before: int = 0, every: int = 0) -> Progress | None:
    """The progress function for one phase of the work: it puts the phase before each name, and adds earlier steps.

    Args:
        progress: the progress function of the caller; None for none.
        phase: the name of the phase.
        before: the number of steps of earlier phases.
        every: the number of all steps; None where the steps of this phase are all.
    """
    if progress is None:
        return None
    return lambda done, total, name: progress(before + done, every or total, f"{phase}: {name}")
