"""An optimization-based sourcing planner: where accelerators are made, and what less dependence costs.

>>> from planner import load_instance, solve
>>> instance = load_instance("instances/accelerators")
>>> plan = solve(instance, policy="diversified")
>>> plan.objective, plan.exposure
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planner.errors import (
        InfeasibleError,
        InstanceError,
        LimitReachedError,
        PlannerError,
        Problem,
        SolverError,
        StoreError,
        UnboundedError,
        UsageError,
    )
    from planner.instance.instance import Instance
    from planner.instance.loading import check_instance, load_instance
    from planner.instance.policy import Limit, Policy
    from planner.instance.scenario import Scenario
    from planner.model.program import Program
    from planner.plan.closeness import Closeness
    from planner.plan.plan import Plan
    from planner.plan.planning import formulate, solve
    from planner.report.make_report import Report, report
    from planner.report.run_folder import read_run, write_run
    from planner.solve.certificate import Certificate
    from planner.store.run_store import RunStore, open_store
    from planner.study.audit.audit import Audit, audit
    from planner.study.compare import Comparison, compare
    from planner.study.frontier.curve import Frontier
    from planner.study.frontier.levels import Levels
    from planner.study.frontier.price_of_resilience import frontier
    from planner.study.progress import Effort
    from planner.study.roll.actuals import Actuals
    from planner.study.roll.roll import Rolled, roll
    from planner.study.stress.stress import Stress, stress
    from planner.study.stress.time_to_survive import TimeToSurvive, time_to_survive
    from planner.study.sweep.result import Sweep
    from planner.study.sweep.sweep import sweep
    from planner.study.two_stage.result import TwoStage
    from planner.study.two_stage.two_stage_plan import two_stage
    from planner.study.what_if import WhatIf, what_if

__version__ = "0.1.0"

__all__ = [
    "Actuals",
    "Audit",
    "Certificate",
    "Closeness",
    "Comparison",
    "Effort",
    "Frontier",
    "InfeasibleError",
    "Instance",
    "InstanceError",
    "Levels",
    "Limit",
    "LimitReachedError",
    "Plan",
    "PlannerError",
    "Policy",
    "Problem",
    "Program",
    "Report",
    "Rolled",
    "RunStore",
    "Scenario",
    "SolverError",
    "StoreError",
    "Stress",
    "Sweep",
    "TimeToSurvive",
    "TwoStage",
    "UnboundedError",
    "UsageError",
    "WhatIf",
    "audit",
    "check_instance",
    "compare",
    "formulate",
    "frontier",
    "load_instance",
    "open_store",
    "read_run",
    "report",
    "roll",
    "solve",
    "stress",
    "sweep",
    "time_to_survive",
    "two_stage",
    "what_if",
    "write_run",
]

# where each public name stands; it is loaded when it is first asked for, so that `planner --help` need not wait
_HOMES = {
    "planner.errors": (
        "InfeasibleError",
        "InstanceError",
        "LimitReachedError",
        "PlannerError",
        "Problem",
        "SolverError",
        "StoreError",
        "UnboundedError",
        "UsageError",
    ),
    "planner.instance.instance": ("Instance",),
    "planner.instance.loading": ("check_instance", "load_instance"),
    "planner.instance.policy": ("Limit", "Policy"),
    "planner.instance.scenario": ("Scenario",),
    "planner.model.program": ("Program",),
    "planner.plan.closeness": ("Closeness",),
    "planner.plan.plan": ("Plan",),
    "planner.plan.planning": ("formulate", "solve"),
    "planner.report.make_report": ("Report", "report"),
    "planner.report.run_folder": ("read_run", "write_run"),
    "planner.solve.certificate": ("Certificate",),
    "planner.store.run_store": ("RunStore", "open_store"),
    "planner.study.audit.audit": ("Audit", "audit"),
    "planner.study.compare": ("Comparison", "compare"),
    "planner.study.frontier.curve": ("Frontier",),
    "planner.study.frontier.levels": ("Levels",),
    "planner.study.frontier.price_of_resilience": ("frontier",),
    "planner.study.progress": ("Effort",),
    "planner.study.roll.actuals": ("Actuals",),
    "planner.study.roll.roll": ("Rolled", "roll"),
    "planner.study.stress.stress": ("Stress", "stress"),
    "planner.study.stress.time_to_survive": ("TimeToSurvive", "time_to_survive"),
    "planner.study.sweep.result": ("Sweep",),
    "planner.study.sweep.sweep": ("sweep",),
    "planner.study.two_stage.result": ("TwoStage",),
    "planner.study.two_stage.two_stage_plan": ("two_stage",),
    "planner.study.what_if": ("WhatIf", "what_if"),
}


def __getattr__(name: str) -> Any:
    """A public name, from the module where it stands."""
    for home, names in _HOMES.items():
        if name in names:
            found = getattr(import_module(home), name)
            if f"planner.{name}" in sys.modules:  # `import planner.solve.deadline as x` looks for it in the function
                found.__dict__ = vars(sys.modules[f"planner.{name}"])
            globals()[name] = found
            return found
    raise AttributeError(f"module 'planner' has no attribute '{name}'")


def __dir__() -> list[str]:
    """The public names."""
    return sorted([*__all__, "__version__"])


class _Package(ModuleType):
    """The package; loading planner/solve does not put that sub-package in the place of the function of its name."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in __all__ and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
