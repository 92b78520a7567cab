"""Making a two-stage plan: first-stage decisions that are shared by all scenarios, with recourse for each.

Scenarios exclude each other and each comes at most once; the undisturbed path gets what is left of the probability.
Before its strike a scenario shares every decision with the undisturbed path; afterwards it has its own, with the
slacks of stress at the same price. The value of the plan, of the undisturbed plan struck by each scenario, and of
perfect information are the same functional, (1 - w) * expected cost + w * CVaR, so that neither difference can be
negative: the undisturbed plan with its recourse is one of the two-stage plans, and perfect information drops the
rule that early decisions are shared.

Source: Birge and Louveaux, Introduction to Stochastic Programming, chapters 1 (the farmer) and 4 (VSS and EVPI).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from planner.errors import InfeasibleError, SolverError, UnboundedError, UsageError
from planner.instance.by_name_or_file import find_policies, find_scenarios, with_distinct_names
from planner.instance.instance import Instance
from planner.instance.loading import instance_of
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.model.extensive import Extensive, write_extensive
from planner.model.extensive import Path as Branch
from planner.plan.case import name_of
from planner.plan.from_solution import certified_tables
from planner.solve.certificate import Certificate
from planner.solve.deadline import refuse_when_over
from planner.solve.extensive_form import ExtensiveSolution, solve_extensive
from planner.solve.solution import Solution, Status
from planner.solve.threads import Pool
from planner.study.progress import Effort, Tally
from planner.study.stress.surprise import DUST
from planner.study.stress.undisturbed import Undisturbed
from planner.study.two_stage.cvar import Weighing, tail, weighed
from planner.study.two_stage.first_stage_decisions import KEYS, early_decisions
from planner.study.two_stage.result import Tables, TwoStage
from planner.study.two_stage.scenario_paths import (
    Alone,
    alone,
    gave_way,
    needed_together,
    path_of,
    undisturbed_probability,
)
from planner.text.cases import policy_called

NOISE = 3e-6  # relative; somewhat more than twice the gap at which integers count as solved
UNDISTURBED = "undisturbed"
OWN_COLUMN = "two_stage"
TAKEN = (OWN_COLUMN, *KEYS, "order", "at")  # names of columns in the table of decisions, which no policy may have


def two_stage(
    source: Instance | str | Path,
    policy: Policy | str | Path | None = None,
    scenarios: Iterable[Scenario | str | Path] | Scenario | str | Path | None = None,
    *,
    weight: float = 0.0,
    alpha: float = 0.9,
    price: float | None = None,
    against: Sequence[Policy | str | Path | None] = (),
    effort: Effort | None = None,
) -> TwoStage:
    """Decide what must be decided before it is known which scenario comes, and weigh what follows.

    value = (1 - weight) * expected cost + weight * mean cost of the worst 1 - alpha

    >>> import planner
    >>> growth = planner.load_instance("instances/canning").scenario("growth").model_copy(update={"probability": 0.5})
    >>> found = planner.two_stage("instances/canning", scenarios=[growth])
    >>> found
    <TwoStage of canning, no policy: expected cost 162.159, VSS 3.7, EVPI 0.4>
    >>> print(found.scenarios[["scenario", "probability", "two_stage"]].round(3).to_string(index=False))
       scenario  probability  two_stage
    undisturbed          0.5    154.475
         growth          0.5    169.843

    Args:
        source: an instance or its path.
        policy: what is chosen; an object, a name in the instance or a path; None for no limits and every option.
        scenarios: what can come, each with its probability; as the policy, several or one. Without any, all of the
            instance that have a probability.
        weight: w, the weight of the tail, 0 to 1; 0 minimises the expected cost.
        alpha: the tail is the worst 1 - alpha; 0.9 is the worst tenth.
        price: what breaking a promise costs, money a unit; as in `stress` where it is not given.
        against: policies whose undisturbed plans are shown beside the decisions; one without a plan is left out.
        effort: time, threads and progress.

    Returns:
        the plan: money in the instance's currency, discounted over all planned periods; probabilities from 0 to 1.

    Raises:
        UsageError: probabilities, weight or alpha are out of range, a scenario changes nothing, policies that differ
            have one name, or a policy or scenario has a name that the tables need for something else.
        InstanceError: the instance, a policy or a change of a scenario is not right.
        InfeasibleError: there is no undisturbed plan, or some scenario leaves no way on.
        LimitReachedError: the time limit came before a proof.
        SolverError: an answer did not pass its check.
    """
    effort = (effort or Effort()).with_deadline()
    instance = instance_of(source)
    chosen, *beside = find_policies(instance, (policy, *against))
    coming = [part for part in instance.scenarios if part.probability]
    if scenarios is not None:
        coming = find_scenarios(instance, scenarios)
    _refuse_names((chosen, *beside), coming)
    weighed([0.0], [1.0], weight, alpha)  # so that a figure out of range is refused before the work
    return _decided(instance, chosen, coming, beside, Weighing(weight, alpha), price, effort)


def _decided(
    instance: Instance,
    policy: Policy | None,
    scenarios: Sequence[Scenario],
    against: Sequence[Policy | None],
    weighing: Weighing,
    price: float | None,
    effort: Effort,
) -> TwoStage:
    """Plan undisturbed, each scenario alone, and all together."""
    deadline = effort.deadline
    left = undisturbed_probability(scenarios)
    begin = Tally(len(scenarios) + len(against) + 2, effort.progress)
    begun = time.perf_counter()
    begin("undisturbed plan")
    together = needed_together(instance, policy, scenarios)
    base = Undisturbed.of(instance, policy, deadline, together)
    first = Branch(None, left, len(instance.periods), base.program)

    def work(scenario: Scenario) -> tuple[Branch, Alone]:
        begin(scenario.name)
        refuse_when_over(deadline, f"the scenario {scenario.name} was planned alone")
        path = path_of(base, scenario, price, together)
        return path, alone(base, path, deadline)

    with Pool(effort.threads) as pool:
        struck = list(pool.map(work, scenarios))
        compared = list(pool.map(_undisturbed_tables(base, deadline, begin), against))
    beside = {_name(other): part for other, part in zip(against, compared, strict=True) if part is not None}
    others = {_name(policy): base.plan.tables, **beside}
    scenarios_done = time.perf_counter()
    paths = (first, *(path for path, _ in struck))
    refuse_when_over(deadline, "all scenarios were written together")
    costs = [Alone(base.plan.objective, base.plan.objective), *(cost for _, cost in struck)]
    extensive = write_extensive(paths, weighing.weight, weighing.alpha, min(cost.foresight for cost in costs))
    begin(f"{extensive.columns:,} columns together")
    written = time.perf_counter()
    found = solve_extensive(extensive, deadline)
    seconds = {"scenarios": scenarios_done - begun, "build": written - scenarios_done, "solve": found.seconds}
    return _answer(base, extensive, found, costs, others, weighing, seconds)


def _refuse_names(policies: Sequence[Policy | None], scenarios: Sequence[Scenario]) -> None:
    """Refuse names by which the tables of a two-stage plan could not tell policies or scenarios apart."""
    with_distinct_names("policies", policies)
    taken = [("policy", part.name) for part in policies if part is not None and part.name in TAKEN]
    taken += [("scenario", part.name) for part in scenarios if part.name == UNDISTURBED]
    for kind, name in taken:
        raise UsageError(
            f"A {kind} cannot be named {name} here: the tables of a two-stage plan mean something else by it. "
            "Give it another name."
        )


def _undisturbed_tables(
    base: Undisturbed, deadline: float | None, begin: Tally
) -> Callable[[Policy | None], Tables | None]:
    """A function that gives the tables of the undisturbed plan of a policy; None where it has no plan."""
    network = base.program.network

    def work(other: Policy | None) -> Tables | None:
        begin(f"policy {_name(other)}")
        if other == network.policy:
            return base.plan.tables
        try:
            refuse_when_over(deadline, f"the undisturbed plan of {_name(other)} was begun")
            return Undisturbed.of(network.instance, other, deadline).plan.tables
        except (InfeasibleError, UnboundedError):
            return None

    return work


def _name(policy: Policy | None) -> str:
    return policy_called(name_of(policy))


def _answer(
    base: Undisturbed,
    extensive: Extensive,
    found: ExtensiveSolution,
    costs: Sequence[Alone],
    others: dict[str, Tables],
    weighing: Weighing,
    seconds: dict[str, float],
) -> TwoStage:
    """The two-stage plan with its figures, tables and certificate, from the solution of the extensive form."""
    begun = time.perf_counter()
    instance, policy = base.program.network.instance, base.program.network.policy
    p = [path.probability for path in extensive.paths]
    own = extensive.costs(found.values).tolist()
    rows = {
        "two-stage plan": own,
        "undisturbed plan": [cost.surprised for cost in costs],
        "perfect information": [cost.foresight for cost in costs],
    }
    values = pd.DataFrame(
        [weighing.row(name, row, p) for name, row in rows.items()], columns=["what", "expected", "cvar", "value"]
    )
    value, surprised, foresight = values["value"]
    scale = found.scale
    if not abs(value - found.value) <= NOISE * scale:
        raise SolverError(f"The costs of the paths are worth {value:.10g}, but the solver says {found.value:.10g}.")
    tables, certificate = _certified(extensive, found)
    promises = gave_way(base, tables)
    strikes = sorted({path.strike for path in extensive.paths[1:]})
    seconds = seconds | {"tables": time.perf_counter() - begun}
    return TwoStage(
        instance=instance.settings.name,
        policy=name_of(policy),
        weight=weighing.weight,
        alpha=weighing.alpha,
        expected=float(values["expected"][0]),
        cvar=float(values["cvar"][0]),
        eta=tail(own, p, weighing.alpha)[0],
        value=float(value),
        vss=_not_negative("stochastic solution", surprised - value, scale),
        evpi=_not_negative("perfect information", value - foresight, scale),
        values=values,
        scenarios=_by_scenario(extensive, own, costs, promises),
        decisions=early_decisions(instance, strikes, {OWN_COLUMN: tables[UNDISTURBED], **others}),
        promises=promises,
        tables=tables,
        certificate=certificate,
        unique=found.unique,
        integer=bool(extensive.linear_program.integer.any()),
        sizes={
            "columns": extensive.columns,
            "rows": len(extensive.linear_program.rows.lower),
            "nonzeros": len(extensive.linear_program.rows.row),
        },
        timings={name: round(part, 3) for name, part in seconds.items()},
    )


def _by_scenario(
    extensive: Extensive, own: Sequence[float], costs: Sequence[Alone], promises: pd.DataFrame
) -> pd.DataFrame:
    """The table of paths: probability, strike, and the cost by each way of planning."""
    p = np.array([path.probability for path in extensive.paths])
    labels = extensive.paths[0].program.network.instance.periods.labels
    broken = promises.groupby("scenario")["cost"].sum()
    table = pd.DataFrame(
        {
            "scenario": [path.name or UNDISTURBED for path in extensive.paths],
            "probability": p,
            "strike": [labels[path.strike] if path.strike < len(labels) else None for path in extensive.paths],
            "two_stage": np.where(p > 0, own, np.nan),
            "undisturbed_plan": [cost.surprised for cost in costs],
            "foresight": [cost.foresight for cost in costs],
        }
    )
    return table.assign(broken=table["scenario"].map(broken).fillna(0.0))


def _not_negative(name: str, figure: float, scale: float) -> float:
    """A value that theory shows to be at least 0; a negative figure within the solver's tolerance becomes 0.

    Raises:
        SolverError: it is negative beyond that.
    """
    if figure < -NOISE * scale:
        raise SolverError(f"The value of {name} came out as {figure:.6g}, which cannot be: an answer is wrong.")
    return float(figure) if figure > DUST * scale else 0.0


def _certified(extensive: Extensive, found: ExtensiveSolution) -> tuple[dict[str, Tables], Certificate]:
    """The tables of each path, and one certificate for all of them.

    Raises:
        SolverError: the tables of a path do not keep its rows.
    """
    tables: dict[str, Tables] = {}
    violation, error = found.violation, 0.0
    for number, path in enumerate(extensive.paths):
        values = extensive.values_of(number, found.values)
        part = Solution(Status.FEASIBLE, values=values, objective=float((path.cost * values).sum()))
        name = path.name or UNDISTURBED
        tables[name], checked, _ = certified_tables(path.program, part)
        if not checked.passed:
            raise SolverError(f"The plan of {name} did not pass its certificate: {'; '.join(checked.failures)}.")
        violation, error = max(violation, checked.largest_violation), max(error, checked.cost_error)
    method = f"feasibility and costs of each path from its tables; {found.method}"
    return tables, Certificate(
        passed=True, largest_violation=violation, relative_gap=found.gap, method=method, cost_error=error
    )
