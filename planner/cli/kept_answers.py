"""Stored answers of commands, shown again by `planner runs show`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from planner.cli.show import console, heading

if TYPE_CHECKING:
    from planner.cli.stress_answers import StressAnswers
    from planner.store.entry import KeptRun
    from planner.study.sweep.result import Sweep


def show_answer(kept: KeptRun) -> None:
    """Print the stored answer of compare, frontier, stress, sweep or report.

    Raises:
        StoreError: the contents are no such answer.
    """
    from planner.store.answers import answer_of, comparisons_of, frontier_of, report_of
    from planner.store.entry import reading_contents

    answer = answer_of(kept)
    with reading_contents(kept):
        if kept.kind == "compare":
            from planner.cli.compare import print_summary

            for comparison in comparisons_of(answer):
                console().print(heading(comparison.second, f" against {comparison.first}"))
                console().print()
                print_summary(comparison)
        elif kept.kind == "frontier":
            from planner.cli.frontier_shown import print_frontier

            print_frontier(frontier_of(answer), every=False)
        elif kept.kind == "stress":
            _stress(kept).show()
        elif kept.kind == "sweep":
            from planner.cli.sweep import print_sweep

            print_sweep(_sweep(kept))
        else:
            console().print(report_of(answer)[1]["summary.md"].rstrip(), markup=False, soft_wrap=True)


def answer_json(kept: KeptRun) -> Any:
    """The same as an object, as the command itself prints it with --json.

    Raises:
        StoreError: the contents are no such answer.
    """
    from planner.store.answers import answer_of, comparisons_of, frontier_of
    from planner.store.entry import reading_contents

    answer = answer_of(kept)
    with reading_contents(kept):
        if kept.kind == "compare":
            return [comparison.as_json() for comparison in comparisons_of(answer)]
        if kept.kind == "frontier":
            return frontier_of(answer).as_json()
        if kept.kind == "sweep":
            return answer.record["found"]
        return _stress(kept).as_json() if kept.kind == "stress" else answer.record


def _stress(kept: KeptRun) -> StressAnswers:
    from planner.cli.stress_answers import StressAnswers
    from planner.instance.loading import load_instance
    from planner.store.answers import answer_of
    from planner.store.contents import text_of

    return StressAnswers.of_answer(load_instance(json.loads(text_of(kept.parts["instance"]))), answer_of(kept))


def _sweep(kept: KeptRun) -> Sweep:
    from planner.instance.loading import load_instance
    from planner.store.answers import answer_of, sweep_rows
    from planner.store.contents import text_of
    from planner.study.sweep.sweep import sweep

    answer = answer_of(kept)
    instance = load_instance(json.loads(text_of(kept.parts["instance"])))
    return sweep(instance, answer.record["question"], known=sweep_rows(answer))
