"""The planner's answer to a question, quickly: its program and solver, without tables or prices; and other solvers'."""

from dataclasses import dataclass

import numpy as np

import planner
from oracle.crossed import crossed
from oracle.wide import wide
from planner.instance.applying import apply_scenario
from planner.model.program import write_program
from planner.network.building import build_network
from planner.network.steps import Steps
from planner.plan.planning import refuse_unreachable
from planner.solve.algorithms import Algorithm
from planner.solve.cut_off import CutOffError, with_far_more
from planner.solve.deadline import seconds_from_now
from planner.solve.highs_model import HighsModel
from planner.solve.solve_program import SolveOptions, solve_program
from planner.solve.sources_and_lots import estimate_failures

REFUSED = "refused"
PATIENCE = 20.0  # seconds; SCIP may look for the end of an unbounded program for ever
VARIANTS = ("no presolve", "simplex", "interior point", "cbc", "scip")


@dataclass(frozen=True)
class Found:
    """A status, the cost where it is optimal, and why an instance was refused."""

    status: str
    cost: float | None = None
    reason: str = ""


class Questions:
    """One instance, loaded once, and asked several questions; tables that stay are reused between them."""

    def __init__(self, mapping):
        self.steps, self.programs = None, {}
        try:
            self.instance, self.refusal = planner.load_instance(mapping), None
        except planner.InstanceError as error:
            self.instance, self.refusal = None, Found(REFUSED, reason=str(error))

    def program(self, policy=None, scenario=None):
        """The program of a question, or why it was refused."""
        if self.refusal:
            return self.refusal
        instance = self.instance
        try:
            if scenario is not None:
                instance = apply_scenario(instance, instance.scenario(scenario))
            self.steps = Steps(self.steps)
            network = build_network(instance, None if policy is None else instance.policy(policy), steps=self.steps)
            if scenario is None:
                refuse_unreachable(network)
        except (planner.InstanceError, planner.UsageError) as error:
            return Found(REFUSED, reason=str(error))
        return write_program(network)

    def answer(self, policy=None, scenario=None, solver="HiGHS"):
        program = self.program(policy, scenario)
        return program if isinstance(program, Found) else solved(program, solver)


def solved(program, solver="HiGHS", *, cold=False):
    """The planner's answer of a program; a solver that fails is a status of its own.

    As in `planner.solve`, where a plan may lie beyond what was taken for the most that can be needed, the program is
    solved again with a far larger estimate.

    Args:
        program: the program.
        solver: PuLP's name of a solver.
        cold: whether by the other algorithm and without presolve, as a plan is made that failed its certificate.
    """
    gap = 1e-9 if solver == "HiGHS" else 1e-7  # CBC writes the cost with eight digits
    try:
        deadline = None if solver == "HiGHS" else seconds_from_now(PATIENCE)
        options = SolveOptions(solver, deadline, gap, priced=False, cold=cold)
        found = within_the_estimate(program, options) or solve_program(
            write_program(with_far_more(program.network)), options
        )
    except planner.SolverError as error:
        return Found("failed", reason=str(error))
    status = str(found.status.value)
    return Found(status, found.objective if status == "optimal" else None)


def within_the_estimate(program, options):
    """The solution of a program; None where a plan may lie beyond the estimate of what can be needed."""
    try:
        found = solve_program(program, options)
    except CutOffError:
        return None
    beyond = found.status == "optimal" and estimate_failures(program, np.asarray(found.values))
    return None if beyond else found


def variants_of(program):
    """The variants that can be compared: HiGHS alone takes a millionth of a decision of 0 or 1 as none of it."""
    return [name for name in VARIANTS if not (program.integer.any() and name in {"simplex", "interior point"})]


def variant(program, name):
    """The same program by another algorithm of HiGHS or another solver."""
    if name in {"cbc", "scip"}:
        return solved(program, name)
    if program.integer.any():
        return solved(program, cold=True)
    live = HighsModel.of(program.problem)
    live.scale()
    algorithm = {"simplex": Algorithm.SIMPLEX, "interior point": Algorithm.INTERIOR_POINT}.get(name, Algorithm.CHOOSE)
    outcome = live.run_with_retry(algorithm, presolve=name != "no presolve").value
    return Found(outcome, live.objective() if outcome == "optimal" else None)


def loaded(seed):
    """The mapping and instance of a seed, `12` of wide.py or `crossed 12`; None where it is no valid instance.

    `rolled 12` is what `crossed 12` is at the start of its second period, had a plan of one of its policies been followed;
    None where a scenario of it has passed by then.
    """
    mapping = crossed(int(seed.split()[1])) if isinstance(seed, str) else wide(seed)
    try:
        instance = planner.load_instance(mapping)
        if str(seed).startswith("rolled"):
            plan = planner.solve(instance, ["p0", "p1"][int(seed.split()[1]) % 2])
            instance = planner.roll(plan, instance.periods.labels[1]).instance
            mapping = instance.as_mapping()
            if len(instance.scenarios) < len(crossed(int(seed.split()[1]))["scenarios"]):
                return mapping, None
    except (planner.InstanceError, planner.InfeasibleError, planner.UnboundedError):
        return mapping, None
    return mapping, instance


def mixed(first):
    """Seeds for `loaded`: 40 of wide.py from the first on, and 30 each of crossed and of rolled instances."""
    return [
        *range(first, first + 40),
        *(f"{kind} {k}" for kind in ("crossed", "rolled") for k in range(first, first + 30)),
    ]
