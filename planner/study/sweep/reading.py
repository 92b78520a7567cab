"""Reading a sweep: from a file or mapping to a question that fits its instance, with every problem at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from planner.errors import InstanceError, Problem, UsageError, nearest
from planner.instance.applying import apply_scenario
from planner.instance.changes.change import Change
from planner.instance.instance import Instance
from planner.instance.loading import without_user_names
from planner.instance.mapping_files import name_after_file, read_mapping_file
from planner.instance.policy import Policy
from planner.instance.safe_opening import ReadError
from planner.instance.scenario import Scenario
from planner.instance.wording import placed, problems_of
from planner.study.sweep.design import quantile
from planner.study.sweep.indices import need_salib
from planner.study.sweep.records import Factor, SweepQuestion
from planner.text.figures import joined

TRIED = (0.0, 0.5, 1.0 - 1e-9)  # parts of a distribution at which a factor is tried on the instance


@dataclass(frozen=True)
class ResolvedSweep:
    """A sweep with the instance, policies and scenarios that its file names.

    Attributes:
        instance: the undisturbed instance.
        question: the contents of the file.
        policies, scenarios: the policies and scenarios that it names, in its order; None for none.
    """

    instance: Instance
    question: SweepQuestion
    policies: tuple[Policy | None, ...]
    scenarios: tuple[Scenario | None, ...]

    def policy(self, number: int, figures: Mapping[str, float]) -> Policy | None:
        """A policy with the shares that were drawn; the policy itself where none of its limits is a factor."""
        policy = self.policies[number]
        drawn = {factor.limit: factor for factor in self.question.factors if factor.limit is not None}
        if policy is None or not any(limit.name in drawn for limit in policy.limits):
            return policy
        shares = {limit: {factor.figure: figures[factor.name]} for limit, factor in drawn.items()}
        limits = [limit.model_copy(update=shares.get(limit.name, {})) for limit in policy.limits]
        return policy.model_copy(update={"limits": tuple(limits)})

    def scenario(self, number: int, figures: Mapping[str, float]) -> Scenario | None:
        """A scenario with the changes that were drawn after its own; None where nothing happens.

        Raises:
            InstanceError: a change is not valid with the drawn figure.
        """
        scenario = self.scenarios[number]
        changes = [factor.change_to(figures[factor.name]) for factor in self.question.factors if factor.change]
        if not changes:
            return scenario
        if scenario is None:
            return Scenario(name=self.question.name, changes=tuple(changes))
        return scenario.model_copy(update={"changes": (*scenario.changes, *changes)})


def read_sweep(source: SweepQuestion | Mapping[str, Any] | str | Path, instance: Instance) -> ResolvedSweep:
    """A sweep from its file, a mapping in the same shape, or as it is, checked against an instance.

    Raises:
        InstanceError: what is wrong with it, each problem with its line and what to do.
        UsageError: there is no such file, or SALib is not installed that its mode needs.
    """
    question, file, given = _read(source)
    need_salib(question.mode)
    problems = [_placed(problem, given) for problem in _problems(question, instance, file)]
    if problems:
        raise InstanceError(problems, "sweep")
    policies = tuple(None if name is None else instance.policy(name) for name in question.policies)
    scenarios = tuple(None if name is None else instance.scenario(name) for name in question.scenarios)
    return ResolvedSweep(instance, question, policies, scenarios)


def _read(source: SweepQuestion | Mapping[str, Any] | str | Path) -> tuple[SweepQuestion, str, Any]:
    """The question, the name of its file, and the mapping that knows its lines."""
    if isinstance(source, SweepQuestion):
        return source, "sweep", None
    file, given = "sweep", source
    if isinstance(source, str | Path):
        path = Path(source)
        file = path.name
        if not path.exists():
            raise UsageError(f"There is no file {path}. Give the path of a sweep.yaml.")
        try:
            given = read_mapping_file(path)
            name_after_file(given, path)
        except ReadError as error:
            raise InstanceError([Problem(file, error.row, None, None, error.message, error.remedy)], "sweep") from None
    try:
        plain = dict(given) if isinstance(given, Mapping) and not isinstance(given, dict) else given
        question = SweepQuestion.__pydantic_validator__.validate_python(without_user_names(plain))
    except ValidationError as error:
        raise InstanceError(list(problems_of(SweepQuestion, error, given, file, None)), "sweep") from None
    return question, file, given


def _placed(problem: Problem, given: Any) -> Problem:
    """The problem with the line of its field, where that is known."""
    if given is None or problem.column is None:
        return problem
    where, line = placed(given, problem.column.split("."), problem.value)
    return replace(problem, column=where, row=line or problem.row)


def _problems(question: SweepQuestion, instance: Instance, file: str) -> Iterator[Problem]:
    """What does not fit the instance: names, factors that select nothing, limits that no policy has."""

    def unknown(column: str, kind: str, value: str, known: list[str]) -> Problem:
        return Problem(file, None, column, value, f"There is no {kind} '{value}'.", nearest(value, known))

    policies = {policy.name: policy for policy in instance.policies}
    scenarios = {scenario.name: scenario for scenario in instance.scenarios}
    for kind, column, names, known in (
        ("policy", "policies", question.policies, list(policies)),
        ("scenario", "scenarios", question.scenarios, list(scenarios)),
    ):
        yield from (unknown(column, kind, name, known) for name in names if name is not None and name not in known)
    factors = [factor.name for factor in question.factors]
    for number, part in enumerate(question.correlations):
        where = f"correlations.{number}.between"
        yield from (unknown(where, "factor", name, factors) for name in part.between if name not in factors)
    pairs = [frozenset(part.between) for part in question.correlations]
    for number, pair in enumerate(pairs):
        if pair in pairs[:number]:
            message = f"{' and '.join(sorted(pair))} have a correlation already."
            yield Problem(file, None, f"correlations.{number}", None, message, "Keep one of the two.")
    chosen = [policies[name] for name in question.policies if name in policies]
    limits: dict[str, str] = {}
    for number, factor in enumerate(question.factors):
        where = f"factors.{number}"
        if factor.limit is None:
            yield from _of_change(factor, instance, file, where)
            continue
        if factor.limit in limits:
            message = f"{limits[factor.limit]} draws the share of this limit already."
            yield Problem(file, None, f"{where}.limit", factor.limit, message, "Keep one of the two.")
        limits.setdefault(factor.limit, factor.name)
        yield from _of_limit(factor, chosen, instance, file, where)


def _of_limit(factor: Factor, policies: list[Policy], instance: Instance, file: str, where: str) -> Iterator[Problem]:
    """Problems of a factor that is the share of a limit."""
    found = [limit for policy in policies for limit in policy.limits if limit.name == factor.limit]
    name = str(factor.limit)
    if not found:
        having = [policy.name for policy in instance.policies if name in {limit.name for limit in policy.limits}]
        known = sorted({limit.name for policy in policies for limit in policy.limits})
        remedy = nearest(name, known) if known else "Name policies with limits under policies."
        if having:
            remedy = f"Add {joined(having, 'or')} to policies."
        yield Problem(file, None, f"{where}.limit", name, f"No policy of the sweep has a limit '{name}'.", remedy)
    elif any(getattr(limit, factor.figure) is None for limit in found):
        other = "min_free" if factor.figure == "max_share" else "max_share"
        message = f"The limit {name} has no {factor.figure}."
        yield Problem(file, None, f"{where}.{factor.figure}", None, message, f"Draw its {other}.")


def _of_change(factor: Factor, instance: Instance, file: str, where: str) -> Iterator[Problem]:
    """Problems of a factor that is a change: tried on the instance with a low, a middle and a high figure."""
    refused: list[Problem] = []
    for part in TRIED:
        try:
            change: Change = factor.change_to(quantile(factor.distribution, part))
            scenario = Scenario(name="tried", changes=(change,))
            apply_scenario(instance, scenario)
        except InstanceError as error:
            refused = [
                replace(problem, file=file, row=None, column=_within(where, problem.column))
                for problem in error.problems
            ]
        else:
            return
    yield from refused


def _within(where: str, column: str | None) -> str:
    """The place of a problem of a change, `changes.0.where.region` or `where.region`, within its factor."""
    own = (column or "").removeprefix("changes.0").strip(".")
    return f"{where}.{own}" if own else where
