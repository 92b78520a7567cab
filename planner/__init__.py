"""An optimization-based sourcing planner: where accelerators are made, and what less dependence costs.

>>> from planner import load_instance, solve
>>> instance = load_instance("instances/accelerators")
>>> plan = solve(instance, policy="diversified")
>>> plan.objective, plan.exposure
"""

from planner.errors import (
    InfeasibleError,
    InstanceError,
    LimitReachedError,
    PlannerError,
    Problem,
    SolverError,
    UnboundedError,
    UsageError,
)
from planner.instance.instance import Instance
from planner.instance.loading import check_instance, load_instance
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.model.program import Program
from planner.plan.plan import Plan
from planner.plan.planning import formulate, solve
from planner.solve.certificate import Certificate
from planner.study.compare import Comparison, compare

__version__ = "0.1.0"

__all__ = [
    "Certificate",
    "Comparison",
    "InfeasibleError",
    "Instance",
    "InstanceError",
    "LimitReachedError",
    "Plan",
    "PlannerError",
    "Policy",
    "Problem",
    "Program",
    "Scenario",
    "SolverError",
    "UnboundedError",
    "UsageError",
    "check_instance",
    "compare",
    "formulate",
    "load_instance",
    "solve",
]
