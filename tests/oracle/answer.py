"""From an instance, a policy and a scenario to the least cost."""

from . import files, scenarios
from .data import Data
from .flows import Flows
from .rules import add_rules


def formulated(mapping, policy=None, scenario=None):
    """The program of an instance (a mapping in the file format); policy and scenario by name, as a mapping, or None."""
    policy, scenario = (
        files.named(mapping, kind, part) if isinstance(part, str) else part
        for kind, part in (("policies", policy), ("scenarios", scenario))
    )
    data = Data(mapping)
    scenarios.apply(data, scenario)
    flows = Flows(data, policy)
    add_rules(flows)
    return flows


def least_cost(mapping, policy=None, scenario=None, **how):
    """The answer: status, least cost and its parts."""
    return formulated(mapping, policy, scenario).program.solve(**how)
