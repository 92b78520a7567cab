"""A case: one planning question, an instance under a policy and a scenario; and the names that tell cases apart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from planner.instance.applying import apply_scenario
from planner.instance.by_name_or_file import find_policy, find_scenario
from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario


@dataclass(frozen=True)
class Case:
    """One planning question: an instance under a policy, before and after a scenario.

    Attributes:
        base: the instance before the scenario.
        instance: the instance with the scenario applied.
        policy, scenario: what is chosen and what happens; None for none.
    """

    base: Instance
    instance: Instance
    policy: Policy | None
    scenario: Scenario | None

    @classmethod
    def of(
        cls, base: Instance, policy: Policy | str | Path | None = None, scenario: Scenario | str | Path | None = None
    ) -> Case:
        """The case that names in the instance, files, or objects describe.

        Raises:
            UsageError: a name is neither in the instance nor a file.
            InstanceError: a file or a change is not right.
        """
        chosen = find_policy(base, policy)
        happens = find_scenario(base, scenario)
        instance = apply_scenario(base, happens) if happens is not None else base
        return cls(base, instance, chosen, happens)


def name_of(part: Policy | Scenario | None) -> str | None:
    """The name of a policy or scenario; None for none."""
    return None if part is None else part.name


def names_of(policy: Policy | None, scenario: Scenario | None) -> tuple[str | None, str | None]:
    """The names of a policy and a scenario, by which runs are told apart; None for none."""
    return name_of(policy), name_of(scenario)
