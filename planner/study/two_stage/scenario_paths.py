"""The paths of a two-stage plan: each scenario as a program of its own, and its cost if it comes alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planner.errors import LimitReachedError, SolverError, UsageError
from planner.instance.applying import apply_scenario
from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.model.extensive import NOTHING, OWN, Path, bound_surplus, links_of
from planner.model.program import Numbers, write_program
from planner.model.variable_blocks import Array, Block
from planner.network.building import build_network
from planner.network.frozen_past import AT_ONCE, BEFORE
from planner.network.needed import largest_needs
from planner.network.usable import needs
from planner.plan.rounding import differences
from planner.solve.resolver import Resolver
from planner.solve.solution import Solution, Status
from planner.study.stress.surprise import promises_broken, strike_of
from planner.study.stress.undisturbed import Undisturbed
from planner.study.stress.worth_of_resilience import ROUNDING, probability_of_any


@dataclass(frozen=True)
class Alone:
    """The cost of a path by itself, without the other scenarios.

    Attributes:
        foresight: least cost if it is known from the first period that it comes, with the same slacks, in money.
        surprised: cost if the undisturbed plan is frozen up to the strike and the rest is planned anew, in money;
            infinite where there is no way on.
    """

    foresight: float
    surprised: float


def undisturbed_probability(scenarios: Sequence[Scenario]) -> float:
    """The probability of the undisturbed path: 1 minus those of the scenarios, which exclude each other.

    Raises:
        UsageError: a scenario stands twice or has no probability, or they add up to more than 1.
    """
    names = [scenario.name for scenario in scenarios]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"The scenario {name} is named twice; each comes at most once. Name it once.")
    for scenario in scenarios:
        if not scenario.probability:
            raise UsageError(
                f"The scenario {scenario.name} has no probability, so it cannot be weighed. "
                "Give it one in its file, or leave it out."
            )
    total = probability_of_any(scenarios)
    left = float(differences([total], [1.0])[0])
    return left if left > ROUNDING else 0.0


def needed_together(instance: Instance, policy: Policy | None, scenarios: Sequence[Scenario]) -> Mapping[str, float]:
    """Good units of each item that any path may need: what is decided early serves all of them.

    Args:
        instance: what is planned.
        policy: what is chosen.
        scenarios: what can come.

    Raises:
        InstanceError: a change of a scenario is not right.
    """
    undisturbed = needs(build_network(instance, policy))
    if not undisturbed:  # nothing is decided as 0 or 1, so that no figure bounds what can be needed
        return undisturbed
    struck = (needs(build_network(apply_scenario(instance, scenario), policy)) for scenario in scenarios)
    return largest_needs([undisturbed, *struck])


def path_of(
    undisturbed: Undisturbed,
    scenario: Scenario,
    price: float | None = None,
    elsewhere: Mapping[str, float] | None = None,
) -> Path:
    """The path of a scenario: a program from the first period on, with stress's slacks.

    Args:
        undisturbed: the plan made without knowing of it.
        scenario: what happens, with its probability.
        price: what breaking a promise costs, money a unit; as in `stress` where it is not given.
        elsewhere: what other paths need, as `needed_together` gives it; None for what the undisturbed one does.

    Raises:
        UsageError: the scenario changes nothing.
        InstanceError: a change of the scenario is not right.
    """
    network = undisturbed.program.network
    strike = strike_of(network.instance, scenario)
    struck = apply_scenario(network.instance, scenario)
    terms = replace(undisturbed.terms(strike, price, struck), on_the_way=_may_be_on_the_way(undisturbed, strike))
    together = undisturbed.needed if elsewhere is None else elsewhere
    program = write_program(build_network(struck, network.policy, terms, elsewhere=together))
    bound_surplus(program, strike)
    return Path(scenario.name, float(scenario.probability or 0.0), strike, program)


def alone(undisturbed: Undisturbed, path: Path, deadline: float | None = None) -> Alone:
    """The cost of a path with perfect information, and its cost for the undisturbed plan.

    Args:
        undisturbed: the plan that knows of no scenario.
        path: what happens.
        deadline: time.perf_counter() after which nothing is solved any more; None for never.

    Raises:
        LimitReachedError: the deadline came first.
        SolverError: an answer did not pass its check.
    """
    resolver = Resolver(path.program, deadline=deadline)
    foresight = _cost(resolver.baseline, path)
    return Alone(foresight, _cost(resolver.resolve(_frozen_numbers(undisturbed, path)), path))


def gave_way(undisturbed: Undisturbed, tables: Mapping[str, Mapping[str, pd.DataFrame]]) -> pd.DataFrame:
    """What gave way on each path: scenario, kind, quantity and cost, the last two in units and money.

    As `promises_broken` counts it. The undisturbed path keeps its promises.

    Args:
        undisturbed: the plan whose network says what is hard.
        tables: tables of the plan of each path by its name.
    """
    columns = ["scenario", "kind", "quantity", "cost"]
    none = pd.DataFrame(columns=columns).astype({"quantity": float, "cost": float})
    parts = [
        promises_broken(undisturbed, plan).assign(scenario=name)[columns]
        for name, plan in tables.items()
        if "recourse" in plan
    ]
    return pd.concat([part for part in parts if len(part)] or [none], ignore_index=True)


def _may_be_on_the_way(undisturbed: Undisturbed, strike: int) -> pd.DataFrame:
    """Where deliveries sent before the strike can arrive from then on; without a quantity, as that is decided too."""
    network = undisturbed.program.network
    sent = network.deliveries.rename(columns={"place": "customer"})
    left = network.ship["period"].to_numpy(dtype=np.int64)[sent["row"].to_numpy(dtype=np.int64)]
    at = (left < strike) & (sent["period"].to_numpy(dtype=np.int64) >= strike)
    return sent.loc[at, ["customer", "item", "period"]].drop_duplicates().assign(quantity=np.inf)


def _frozen_numbers(undisturbed: Undisturbed, path: Path) -> Numbers:
    """The numbers of a path with all decisions before the strike fixed at the undisturbed plan."""
    program, link = path.program, links_of(undisturbed.program, path)
    held = np.zeros(program.columns, dtype=bool)
    for name in (*BEFORE, *AT_ONCE):
        block: Block = getattr(program, name)
        held[block.span] = True
    held &= link != OWN
    decided: Array = np.maximum(np.asarray(undisturbed.plan.values), 0.0)
    value = np.where(link == NOTHING, 0.0, decided[np.maximum(link, 0)])
    value = np.where(program.integer, np.round(value), value)
    numbers = program.numbers
    return replace(numbers, lower=np.where(held, value, numbers.lower), upper=np.where(held, value, numbers.upper))


def _cost(solution: Solution, path: Path) -> float:
    """The cost that a solve found, in money; infinite where there is no plan."""
    if solution.status is Status.INFEASIBLE:
        return math.inf
    if solution.status is Status.LIMIT:
        raise LimitReachedError(f"The limit was reached before the scenario {path.name} was planned alone.")
    if solution.status is not Status.OPTIMAL:
        raise SolverError(f"The scenario {path.name} could not be planned alone: {solution.method or solution.status}.")
    return float(solution.objective or 0.0)
