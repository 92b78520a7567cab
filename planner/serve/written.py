"""A view as files, a command and a program that do the same. Pure functions."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from planner.errors import UsageError
from planner.instance.applying import apply_scenario
from planner.instance.forms import part_file
from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.plan.run_record import instance_text
from planner.serve.repairing import repaired
from planner.serve.view import View
from planner.serve.wishes import wish_of

FILES = {"policy": "what-if-policy.yaml", "scenario": "what-if-scenario.yaml", "instance": "what-if-instance.yaml"}


@dataclass(frozen=True)
class Written:
    """What a view plans, as files and names have it.

    Attributes:
        instance: what is planned; as it is given where nothing has to be written into it.
        policy: what is chosen; None for none.
        scenario: what happens; None for nothing.
        struck: whether the scenario comes without warning.
        files: which of policy, scenario and instance are no names of the instance, so that they are files.
    """

    instance: Instance
    policy: Policy | None
    scenario: Scenario | None
    struck: bool
    files: frozenset[str]

    def text(self, what: str) -> str:
        """The text of the file of a policy, a scenario or an instance.

        Raises:
            UsageError: there is none.
        """
        if what == "instance":
            return instance_text(self.instance)
        part = self.policy if what == "policy" else self.scenario
        if part is None:
            raise UsageError(f"This view has no {what} to save.")
        return part_file(part.model_dump(by_alias=True, exclude_defaults=True, mode="json"))

    def command(self, source: str) -> str:
        """The command that plans the same.

        Args:
            source: where the instance is.
        """
        words = ["planner", "stress" if self.struck else "solve", self._named("instance", source) or source]
        for what, name in (("policy", self._policy), ("scenario", self._scenario)):
            words += [f"--{what}", name] if name else []
        return shlex.join(words)

    def python(self, source: str) -> str:
        """The program that plans the same."""
        place = repr(self._named("instance", source))
        policy, scenario = (repr(name) if name else None for name in (self._policy, self._scenario))
        if self.struck:
            named = "" if policy is None else f", {policy}"
            return f"import planner\n\nfound = planner.stress({place}, {scenario}{named})\nprint(found.table)\n"
        named = "".join(f", {what}={name}" for what, name in (("policy", policy), ("scenario", scenario)) if name)
        return f"import planner\n\nplan = planner.solve({place}{named})\nprint(plan.objective, plan.service_summary)\n"

    @property
    def _policy(self) -> str:
        return self._named("policy", self.policy.name) if self.policy else ""

    @property
    def _scenario(self) -> str:
        return self._named("scenario", self.scenario.name) if self.scenario else ""

    def _named(self, what: str, name: str) -> str:
        return FILES[what] if what in self.files else name


def written(instance: Instance, view: View) -> Written:
    """What a view plans, as files and names have it.

    Args:
        instance: as it is given.
        view: the view.

    Raises:
        UsageError, InstanceError: it means nothing.
    """
    wish = wish_of(instance, view)
    files = {"policy"} if wish.moved else set()
    policy, scenario, planned = wish.policy, wish.known, instance
    if view.repairs or wish.strike is not None:
        planned = apply_scenario(instance, wish.known) if wish.known else instance
        planned, policy = repaired(planned, policy, view.repairs)
        scenario = wish.strike
        files |= {"instance"} if view.repairs or wish.known else set()
        files |= {"policy"} if view.repairs and policy is not None else set()
    if scenario is not None and view.scenario in view.chances:
        scenario = scenario.model_copy(update={"probability": round(view.chances[view.scenario] / 100.0, 9)})
    if scenario is not None and (view.repairs or scenario not in instance.scenarios):
        files.add("scenario")  # an instance with repairs is written without its scenarios
    return Written(planned, policy, scenario, wish.strike is not None, frozenset(files))
