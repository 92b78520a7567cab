"""Plans made without knowing of any strike: which of their decisions a strike freezes, and which promises may break."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from planner.errors import InstanceError, PlannerError
from planner.instance.by_name_or_file import without_repetition
from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.model.program import Program, write_program
from planner.model.variable_blocks import Block
from planner.network.building import build_network
from planner.network.frozen_past import AT_ONCE, BEFORE
from planner.network.recourse import Recourse, prices_to_serve
from planner.network.steps import Steps
from planner.network.usable import needs
from planner.plan.case import name_of
from planner.plan.plan import Plan
from planner.plan.planning import plan_program, refuse_unreachable
from planner.plan.run_options import RunOptions
from planner.solve.cut_off import CutOffError, with_far_more
from planner.solve.deadline import refuse_when_over
from planner.solve.money import gross_cost
from planner.solve.threads import Pool
from planner.study.stress.promise_prices import dearer_prices

NOISE = 1e-9  # of all costs without their signs: by so much may two solves of one plan differ


@dataclass(frozen=True)
class Undisturbed:
    """A plan made without knowing of any strike, with its program.

    Attributes:
        program: what was solved.
        plan: its plan, with the value of each column.
    """

    program: Program
    plan: Plan

    @classmethod
    def of(
        cls,
        instance: Instance,
        policy: Policy | None,
        deadline: float | None = None,
        elsewhere: Mapping[str, float] | None = None,
    ) -> Undisturbed:
        """Plan an instance under a policy.

        Args:
            instance: what is planned.
            policy: what is chosen; None for no limits and every option.
            deadline: time.perf_counter() by which it ends; None for never.
            elsewhere: what other futures need that share its decisions (`build_network`); None for none.

        Raises:
            InstanceError: it has orders that nothing can ever reach.
            InfeasibleError, UnboundedError, LimitReachedError, SolverError: there is no such plan.
        """
        network = build_network(instance, policy, elsewhere=elsewhere)
        refuse_unreachable(network)
        program, options = write_program(network), RunOptions(deadline=deadline)
        try:
            plan = plan_program(program, options)
        except CutOffError:
            program = write_program(with_far_more(network))
            plan = plan_program(program, options)
        return cls(program, replace(plan, base_hash=instance.content_hash))

    @cached_property
    def decided(self) -> dict[str, pd.DataFrame]:
        """The decisions that a strike can freeze: by block, a table of labels (periods as positions) and `value`."""
        found = {}
        for name in (*BEFORE, *AT_ONCE):
            block: Block = getattr(self.program, name)
            table: pd.DataFrame = getattr(self.program.network, name)
            values = np.asarray(self.plan.values)[block.span]
            found[name] = table[block.keys].assign(value=np.maximum(values, 0.0))
        return found

    @cached_property
    def gross_cost(self) -> float:
        """All costs and earnings of the plan without their signs, in money."""
        return gross_cost(self.program.numbers.cost, np.asarray(self.plan.values)[: self.program.columns])

    def without_noise(self, difference: float) -> float:
        """A difference to the cost of the plan, in money; 0 where it is within the tolerance of a solve."""
        return difference if abs(difference) > NOISE * self.gross_cost else 0.0

    @cached_property
    def needed(self) -> Mapping[str, float]:
        """Good units of each item that the plan may need, whatever strikes later (network/usable.py)."""
        return needs(self.program.network)

    @cached_property
    def steps(self) -> Steps:
        """The steps of its network with recourse; the networks of strikes differ in few of them."""
        network, steps = self.program.network, Steps()
        build_network(network.instance, network.policy, self.terms(0), steps=steps, holding=network)
        return steps

    def on_the_way(self, strike: int) -> pd.DataFrame:
        """Deliveries sent before the strike that arrive from then on: customer, item, period and quantity."""
        network = self.program.network
        sent = network.deliveries.rename(columns={"place": "customer"})
        row = sent["row"].to_numpy(dtype=np.int64)
        block = self.program.ship
        sent["quantity"] = np.asarray(self.plan.values)[block.span][row]
        left = network.ship["period"].to_numpy(dtype=np.int64)[row]
        at = (left < strike) & (sent["period"].to_numpy(dtype=np.int64) >= strike) & (sent["quantity"].to_numpy() > 0)
        return sent.loc[at, ["customer", "item", "period", "quantity"]]

    def terms(self, strike: int, price: float | None = None, struck: Instance | None = None) -> Recourse:
        """The terms of recourse on which the plan gives way after a strike.

        Args:
            strike: the first period in which anything can change.
            price: what breaking any promise costs, money a unit. Where it is not given: `Recourse.of`, and more for
                promises that the undisturbed plan keeps at a higher cost, so that a strike that changes nothing
                breaks none.
            struck: the instance after the strike, in which it may be dearer to serve; None where it is not.
        """
        on_the_way = self.on_the_way(strike)
        if price is not None:
            return Recourse(price, on_the_way)
        usual = Recourse.of(self.program.network.instance)
        dearer = dict(usual.dearer)
        served = {} if struck is None else prices_to_serve(struck)
        for prices in (dearer_prices(self.program, self.plan.duals, usual.price), served):
            for promise, own in prices.items():
                dearer[promise] = max(own, dearer.get(promise, usual.price))
        return Recourse(usual.price, on_the_way, dearer)


def undisturbed_each(
    instance: Instance, policies: Sequence[Policy | None], threads: int = 1, deadline: float | None = None
) -> dict[str | None, Undisturbed | PlannerError]:
    """The undisturbed plan of each policy, by its name; the error where there is none.

    Raises:
        InstanceError: the instance has orders that nothing can ever reach.
        UsageError: two policies that differ have one name.
    """
    chosen = without_repetition("policies", policies)

    def work(policy: Policy | None) -> Undisturbed | PlannerError:
        try:
            refuse_when_over(deadline, "the undisturbed plan was begun")
            return Undisturbed.of(instance, policy, deadline)
        except InstanceError:
            raise
        except PlannerError as error:
            return error

    with Pool(threads) as pool:
        found = list(pool.map(work, chosen))
    return {name_of(policy): part for policy, part in zip(chosen, found, strict=True)}
