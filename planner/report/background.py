"""The studies of a report, made in background threads: the longest first, two at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import as_completed
from threading import Event

from planner.errors import LimitReachedError, PlannerError
from planner.instance.instance import Instance
from planner.instance.scenario import Scenario
from planner.plan.plan import Plan
from planner.report.kept_parts import KeptParts
from planner.report.studies import Studies
from planner.report.study_steps import Step, Work
from planner.solve.deadline import refuse_when_over
from planner.solve.threads import Pool
from planner.study.progress import Effort, Tally
from planner.study.runs import Baselines

WORTH = 5_000  # columns; what is asked of smaller programs is found at once, and not kept


def background(
    instance: Instance,
    plans: Mapping[str | None, Plan],
    views: Sequence[Scenario] = (),
    effort: Effort | None = None,
    *,
    bases: Baselines | None = None,
    tell: Callable[[Callable[[], Studies]], None] | None = None,
    kept: KeptParts | None = None,
) -> Studies:
    """Make every study of a report; a study that fails, or is not finished by the deadline, is named and left out.

    Args:
        instance: as it is undisturbed.
        plans: the undisturbed plan of each policy; only proved ones are studied.
        views: scenarios under which the regions are put out as well.
        effort: time for all of them, threads (studies that are made at a time; each uses one) and progress.
        bases: the solved baselines of the policies, where they are known.
        tell: called after each study with what gives those that were found so far; None for nobody.
        kept: studies of earlier reports, which are taken where they rest on the same; None for none.
    """
    effort = (effort or Effort()).with_deadline()
    proved = {name: plan for name, plan in plans.items() if plan.status == "optimal"}
    if kept is None or all(plan.sizes["columns"] < WORTH for plan in proved.values()):
        kept = KeptParts(None)
    work = Work(instance, proved, effort.deadline, bases)
    steps = work.steps(views)
    begin = Tally(len(steps), effort.progress)
    ended = {step.name: Event() for step in steps}

    def made(step: Step) -> tuple[str, str]:
        try:
            answer = None if step.asked is None else kept.found(step.asked)
            for name in step.after if answer is None else ():
                ended[name].wait()
            begin(step.name)
            refuse_when_over(effort.deadline, step.name)
            if answer is None:
                answer = step.make()
                if step.asked is not None and answer is not None:
                    kept.keep(step.asked, answer)
            step.put(answer)
        except LimitReachedError:
            return "", step.name
        except PlannerError as error:
            return f"{step.name}: {error}", ""
        finally:
            ended[step.name].set()
        return "", ""

    def so_far() -> Studies:
        return work.found((), (), tuple(step.name for step in steps if not ended[step.name].is_set()))

    order = sorted(steps, key=lambda step: -step.effort)
    with Pool(effort.threads) as pool:
        futures = {pool.submit(made, step): step.name for step in order}
        for future in as_completed(futures):
            future.result()
            if tell and not all(event.is_set() for event in ended.values()):
                tell(so_far)
        said = {name: future.result() for future, name in futures.items()}
    return work.found(
        failures=tuple(sorted(said[step.name][0] for step in steps if said[step.name][0])),
        left_out=tuple(said[step.name][1] for step in steps if said[step.name][1]),
    )
