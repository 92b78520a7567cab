"""Every error of the planner can be pickled and copied with its message and attributes.

An InstanceError that a worker of a pool raised broke the pool, and an InfeasibleError could not leave its process.
"""

import copy
import pickle

import pytest
import toys

import planner
from planner import errors
from planner.problems import Problem

SHORT = {"capacities": [{"site": "plant", "capacity": 4}]}
SERVED = {"demand": [{"customer": "shop", "item": "unit", "quantity": 10}]}


def raised(ask, *given, **options):
    with pytest.raises(planner.PlannerError) as caught:
        ask(*given, **options)
    return caught.value


def each():
    """Each kind of error, raised by the planner where that is quickly done."""
    infeasible = raised(planner.solve, toys.tiny(**SHORT, **SERVED))
    return [
        raised(planner.load_instance, {"sites": [{"site": "plant"}]}),
        raised(planner.solve, toys.tiny(), policy="nope"),
        infeasible,
        infeasible.with_every_row(),
        errors.UnboundedError("without end"),
        errors.LimitReachedError("time is up", plan={"cost": 1.0}),
        errors.SolverError("failed"),
        errors.StoreError("full"),
        errors.InstanceError([Problem("demand.csv", 3, "item", "x", "No.", "Yes.")], "actuals"),
    ]


def test_they_are_the_same_there():
    found = each()
    assert {type(error).__name__ for error in found} >= set(errors.__all__) - {
        *("LISTED", "LeftOut", "Names", "PlannerError", "Problem", "Problems", "alike", "nearest", "places", "visible")
    }
    for error in found:
        for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
            assert type(again) is type(error)
            assert str(again) == str(error)
            assert {**vars(again), "lines": ()} == {**vars(error), "lines": ()}
            if isinstance(error, errors.InfeasibleError):
                assert again.in_full == error.in_full
                assert again.repair
