"""A basis carried to another program by labels: fewer iterations, and the same answer."""

import pickle

import numpy as np
import pytest
import toys

from planner.model.program import write_program
from planner.network.building import build_network
from planner.solve.carried_basis import CarriedBasis
from planner.solve.resolver import Resolver
from planner.solve.solution import Status

P4 = ["P1", "P2", "P3", "P4"]
LINE = {"option": "line", "site": "west", "period": "P2", "capacity": 4, "unit_cost": 1}
CAP = {"name": "cap", "stage": "make", "of": "TW", "max_share": 0.6, "per": "period"}


def program(*limits):
    instance = toys.two_plants(periods=P4, capacities=[{"site": "west", "capacity": 8}], expansions=[LINE])
    return write_program(build_network(instance, toys.policy(*limits)))


def carried(resolver: Resolver) -> CarriedBasis:
    return CarriedBasis.of(resolver.program, resolver.basis)


def iterations(resolver: Resolver) -> int:
    return int(resolver.live.highs.getInfo().simplex_iteration_count)


def test_the_same_program_is_solved_without_an_iteration():
    known = Resolver(program(CAP))
    again = Resolver(program(CAP), start=carried(known))
    assert again.baseline.method == "HiGHS dual simplex, hot"
    assert iterations(again) == 0
    assert again.baseline.objective == pytest.approx(known.baseline.objective, rel=1e-12)


@pytest.mark.parametrize(("one", "other"), [((), (CAP,)), ((CAP,), ()), ((CAP,), ({**CAP, "max_share": 0.5},))])
def test_rows_and_columns_may_come_and_go(one, other):
    known, cold = Resolver(program(*one)), Resolver(program(*other))
    hot = Resolver(program(*other), start=pickle.loads(pickle.dumps(carried(known))))
    assert hot.baseline.status is Status.OPTIMAL
    assert hot.baseline.method == "HiGHS dual simplex, hot"
    assert hot.baseline.objective == pytest.approx(cold.baseline.objective, rel=1e-12)


def test_a_basis_of_nothing_like_it_is_no_harm():
    known = Resolver(write_program(build_network(toys.two_plants(periods=["A"]), toys.policy())))
    cold, hot = Resolver(program(CAP)), Resolver(program(CAP), start=carried(known))
    assert hot.baseline.objective == pytest.approx(cold.baseline.objective, rel=1e-12)


def test_rows_of_your_own_are_slack():
    known, own = Resolver(program()), program()
    own.problem += own.make.variables[0] <= 3, "own"
    hot = Resolver(own, start=carried(known))
    assert hot.baseline.status is Status.OPTIMAL
    assert np.asarray(hot.baseline.values)[own.make.first] <= 3 + 1e-9
