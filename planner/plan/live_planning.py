"""Live planning: the plans of many scenarios from one live model, each equal to the plan of a program built anew.

The baseline is built and solved once. For a scenario only the network and the layout are made, without PuLP. Where just
numbers differ from the baseline's, they are set in the live model, which is re-solved from the baseline's basis; the
same tie-break follows, and the plan's tables are certified as any other's. All other scenarios are built anew, and
their plans say why.
"""

from __future__ import annotations

import time
from copy import copy
from dataclasses import replace

from planner.errors import LimitReachedError, UsageError
from planner.instance.applying import apply_scenario
from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.model.layout import Layout, lay_out
from planner.model.program import Program, write_program
from planner.network.building import build_network
from planner.network.network import Network
from planner.network.steps import Steps
from planner.plan.case import Case
from planner.plan.from_solution import PlanRequest, certified_solution, choke_points_later, plan_of
from planner.plan.lazy_tables import Later, Tables, Waiting, priced_later
from planner.plan.plan import Plan
from planner.plan.planning import FORMULATED, plan_instance, refuse_unreachable
from planner.plan.run_options import RunOptions
from planner.solve.carried_basis import CarriedBasis
from planner.solve.deadline import refuse_when_over
from planner.solve.layout_difference import INTEGERS, Coefficients, Reason, Rebuild, difference
from planner.solve.resolver import Resolver
from planner.solve.solution import Array, Solution, Status
from planner.solve.solve_program import DEFAULT_SOLVER, SolveOptions, algorithm_for, solver_name
from planner.solve.start_bases import Place, StartBases
from planner.solve.tie_break import usual_objectives


class Replanner:
    """A policy and its solved baseline, from which many scenarios are planned; `twin` makes one for another thread.

    No plan depends on what was asked before, nor on how many threads ask, and its tables are those of the same run
    built anew.

    Attributes:
        obstacle: why nothing can be re-solved live; None where it can.
        instance, policy: the baseline's.
        options: of every run.
        formulated: whether the baseline is a program from `formulate`, which may have rows of the user's own.
        priced: whether plans have shadow prices, and the basis from which those are found; without them they are empty.
        seconds: of each phase of the baseline.
    """

    def __init__(
        self,
        source: Instance | Program,
        policy: Policy | None = None,
        options: RunOptions | None = None,
        *,
        priced: bool = True,
        start: CarriedBasis | None = None,
    ) -> None:
        """Build the baseline and solve it.

        Args:
            source: the instance without a scenario, or a program from `formulate` (its rows of your own stay; a
                scenario that cannot be live is then refused).
            policy: what is chosen; a program has its policy already.
            options: of every run.
            priced: whether plans have shadow prices, those of live plans when they are asked for. Without them a plan
                is for figures of its decisions: its choke points are found only when they are asked for.
            start: the basis of another policy's baseline, from which it is solved; None for none.

        Raises:
            UsageError: a program and a policy are given.
            LimitReachedError: the deadline came before the baseline was solved.
        """
        self.options, self.priced = options or RunOptions(), priced
        self.formulated = isinstance(source, Program)
        if isinstance(source, Program):
            if policy is not None:
                raise UsageError("A program has its policy already: give it to formulate.")
            self.instance, self.policy = source.network.instance, source.network.policy
        else:
            self.instance, self.policy = source, policy
        self.steps = Steps()
        self.resolver: Resolver | None = None
        self.starts = StartBases()
        self.objectives: list[Array] = []
        self.seconds: dict[str, float] = {}
        self.obstacle = self._begin(source, start)

    def twin(self) -> Replanner:
        """A second replanner for another thread, with the same baseline and a live model of its own."""
        other = copy(self)
        other.resolver = None if self.resolver is None else self.resolver.twin()
        other.starts = StartBases()
        return other

    @property
    def resolves(self) -> int:
        """Number of plans that were re-solved in the live model."""
        return self.resolver.resolves if self.resolver else 0

    @property
    def fallbacks(self) -> int:
        """Number of live re-solves that the baseline's basis did not help, so that they were solved from cold."""
        return self.resolver.fallbacks if self.resolver else 0

    def _begin(self, source: Instance | Program, begin_at: CarriedBasis | None) -> Rebuild | None:
        """Solve the baseline, and return why nothing can be re-solved live; None where it can."""
        if solver_name(self.options.solver) != DEFAULT_SOLVER:
            return Rebuild(Reason.OTHER_SOLVER, "Only HiGHS re-solves in a live model.")
        begun, deadline = time.perf_counter(), self.options.deadline_from_now()

        def in_time() -> None:
            refuse_when_over(deadline, "the program was written")

        self.steps = Steps(between=in_time)
        layout = (
            source if isinstance(source, Program) else lay_out(build_network(source, self.policy, steps=self.steps))
        )
        joined = time.perf_counter()
        in_time()
        if layout.integer.any():
            return Rebuild(Reason.INTEGERS, INTEGERS)
        program = layout if isinstance(layout, Program) else write_program(layout, in_time)
        if program.problem.isMIP():
            return Rebuild(Reason.INTEGERS, INTEGERS)
        built = time.perf_counter()
        first = algorithm_for(program, SolveOptions())
        self.resolver = Resolver(program, deadline=deadline, first=first, start=begin_at)
        status = self.resolver.baseline.status
        if status is Status.LIMIT:
            raise LimitReachedError("The time limit was reached before the undisturbed program was solved.")
        if status is not Status.OPTIMAL:
            self.resolver = None
            return Rebuild(Reason.NO_BASELINE, f"Undisturbed, the solve ends with the status {status}.")
        self.objectives = usual_objectives(program, len(self.resolver.cost))
        self.seconds = {"network": joined - begun, "build": built - joined, "solve": time.perf_counter() - built}
        return None

    def plan(
        self,
        scenario: Scenario | None = None,
        policy: Policy | None = None,
        *,
        at: Place | None = None,
        start: CarriedBasis | None = None,
    ) -> Plan:
        """The plan of a scenario; its `method` says whether it is live, its `rebuilt` why it is not.

        Args:
            scenario: what happens; None for the baseline itself.
            policy: another policy than the baseline's (with other shares it stays live).
            at: where the run lies among others of this baseline: it is solved from the basis of the nearest one before
                it, or of the baseline. That makes it faster, not different.
            start: the basis of the same scenario under another policy, which does so too.

        Raises:
            UsageError: a program with rows of your own would have to be built anew.
            PlannerError: as `planner.solve`.
        """
        begun = time.perf_counter()
        instance = self.instance if scenario is None else apply_scenario(self.instance, scenario)
        return self.plan_case(Case(self.instance, instance, policy or self.policy, scenario), begun, at=at, start=start)

    def plan_case(
        self, case: Case, begun: float | None = None, *, at: Place | None = None, start: CarriedBasis | None = None
    ) -> Plan:
        """The plan of any case of the baseline's instance: live where only figures differ, else built anew.

        Args:
            case: what is planned.
            begun: time.perf_counter() from which its time counts, where its instance was made on the way; None for now.
            at, start: as of `plan`.

        Raises:
            UsageError, PlannerError: as `plan`.
        """
        applied = time.perf_counter()
        begun = applied if begun is None else begun
        deadline = self.options.deadline_from_now()
        if self.resolver is None:
            return self._anew(case, self.obstacle, deadline)
        undisturbed = case.instance is self.instance and case.policy is self.policy
        network = self.resolver.program.network if undisturbed else self._network(case)
        if case.scenario is None:
            refuse_unreachable(network)
        joined = time.perf_counter()
        layout = self.resolver.program if undisturbed else lay_out(network)
        laid = time.perf_counter()
        changes = difference(self.resolver.program, layout)
        if isinstance(changes, Rebuild):
            return self._anew(case, changes, deadline)
        compared = time.perf_counter()
        at_once = self.priced and (undisturbed or self.formulated)  # otherwise prices are computed when asked for
        found = self._live(self.resolver, layout, changes, deadline, priced=at_once, at=at, other=start)
        if isinstance(found, Rebuild):
            return self._anew(case, found, deadline)
        program, solution = found
        if undisturbed:
            spent = {**solution.seconds, "solver": solution.seconds["solver"] + self.seconds["solve"]}
            solution = replace(solution, method=self.resolver.baseline.method, seconds=spent)
        waiting = self._priced_anew(case, program, solution) if self.priced else choke_points_later(program, solution)
        answer = certified_solution(program, solution, None if at_once else waiting)
        if not answer.certificate.passed:
            return self._anew(case, Rebuild(Reason.NOT_PROVED, "; ".join(answer.certificate.failures)), deadline)
        timings = {
            "load": 0.0,
            "apply": applied - begun,
            "network": self.seconds["network"] if undisturbed else joined - applied,
            "build": self.seconds["build"] if undisturbed else 0.0,
            "layout": laid - joined,
            "compare": compared - laid,
        }
        options = {**self.options.as_json(), **({FORMULATED: True} if self.formulated else {})}
        request = PlanRequest(case.instance, case.policy, case.scenario, case.base.content_hash, options)
        return plan_of(request, program, answer, timings)

    def _network(self, case: Case) -> Network:
        """The network of a run; tables that are equal to the baseline's are taken from there."""
        return build_network(case.instance, case.policy, steps=Steps(self.steps), every_way=self.formulated)

    def _live(
        self,
        resolver: Resolver,
        layout: Layout,
        changes: Coefficients,
        deadline: float | None,
        *,
        priced: bool,
        at: Place | None,
        other: CarriedBasis | None,
    ) -> tuple[Program, Solution] | Rebuild:
        """The re-solved program and its answer, or why it has to be built anew."""
        program = resolver.program.laid_out(layout)
        resolver.deadline = deadline
        start = other if at is None else self.starts.nearest(at)
        solution = resolver.solve_other(program, changes, self.objectives, priced=priced, start=start)
        if resolver.ended is not None:
            if at is not None:
                self.starts.add(at, resolver.ended)
            if self.priced:
                solution = replace(solution, basis=CarriedBasis.of(program, resolver.ended))
        if solution.status is Status.INFEASIBLE:
            return Rebuild(Reason.NO_PLAN, "No plan exists: the conflict is named from a program of its own.")
        if solution.status is not Status.OPTIMAL:
            return Rebuild(Reason.NOT_PROVED, f"The live re-solve ended with the status {solution.status}.")
        if not solution.unique:
            return Rebuild(Reason.NOT_UNIQUE, "The tie-break was not carried through in the live model.")
        return program, solution

    def _priced_anew(self, case: Case, program: Program, solution: Solution) -> Waiting:
        """Tables with shadow prices that are computed, from a program built anew, when one is asked for.

        They take longer than a live re-solve, and are seldom looked at for a scenario. Where the deadline of all runs
        leaves no time for them, the prices are empty.
        """

        def anew() -> Tables:  # a time limit for each run does not count: this plan was found within its time
            return self._solved(case, None, self.options.deadline, solution.basis).tables

        def waiting(tables: Tables) -> Later:
            points = choke_points_later(program, solution)(tables)
            return priced_later(anew, lambda: {**tables, **{name: make() for name, make in points.items()}})

        return waiting

    def _anew(self, case: Case, why: Rebuild | None, deadline: float | None) -> Plan:
        """The plan of a program built anew, which remembers the reason."""
        if self.formulated:
            raise UsageError(f"The rows of your own stand in one program, and this needs another ({why}).")
        refuse_when_over(deadline, "a live answer was found to need a program of its own, and that was written")
        plan = self._solved(case, self.options.time_limit, deadline, priced=self.priced)
        return replace(plan, options=dict(self.options.as_json()), rebuilt=str(why))

    def _solved(
        self,
        case: Case,
        time_limit: float | None,
        deadline: float | None,
        start: CarriedBasis | None = None,
        *,
        priced: bool = True,
    ) -> Plan:
        """The plan of a program built anew, within a time limit; solved from a basis, where one is known."""
        options = replace(self.options, time_limit=time_limit, deadline=deadline)
        return plan_instance(case.base, case.policy, case.scenario, options, priced=priced, start=start)
