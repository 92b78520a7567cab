"""The policies and scenarios that are meant by names in an instance, by files or by objects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from planner.errors import UsageError
from planner.instance.files import MAPPING_FILES
from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.instance.single_parts import checked_policy, read_policy, read_scenario


def find_policy(instance: Instance, policy: Policy | str | Path | None) -> Policy | None:
    """The policy of a name in the instance, of a file, or as it is given; None for None.

    Raises:
        UsageError: a name is neither in the instance nor a file, or it is something else.
        InstanceError: the file is not right.
    """
    if policy is None:
        return None
    if isinstance(policy, Policy):
        return checked_policy(policy, instance)
    _refuse_others(policy, Policy)
    return read_policy(Path(policy), instance) if _is_file(instance.policies, policy) else instance.policy(str(policy))


def find_scenario(instance: Instance, scenario: Scenario | str | Path | None) -> Scenario | None:
    """The scenario of a name in the instance, of a file, or as it is given; None for None.

    Raises:
        UsageError: a name is neither in the instance nor a file, or it is something else.
        InstanceError: the file is not right.
    """
    if scenario is None or isinstance(scenario, Scenario):
        return scenario
    _refuse_others(scenario, Scenario)
    return (
        read_scenario(Path(scenario), instance)
        if _is_file(instance.scenarios, scenario)
        else instance.scenario(str(scenario))
    )


def _refuse_others(given: object, kind: type[Policy | Scenario]) -> None:
    """Raise a UsageError where what is given is neither a name nor a path."""
    if not isinstance(given, str | Path):
        word = kind.__name__.lower()
        raise UsageError(
            f"A {word} is its name, a file or a planner.{kind.__name__}, not a {type(given).__name__}: "
            f"planner.{kind.__name__}.model_validate(...) makes one of a mapping."
        )


def find_policies(
    instance: Instance, policies: Iterable[Policy | str | Path | None] | Policy | str | Path | None
) -> list[Policy | None]:
    """One policy or several, each by name, by path or as an object, in the order given.

    Raises:
        UsageError: a name is neither in the instance nor a file, or two policies that differ have one name.
        InstanceError: a file is not right.
    """
    several = [policies] if policies is None or isinstance(policies, Policy | str | Path) else policies
    return with_distinct_names("policies", (find_policy(instance, policy) for policy in several))


def find_scenarios(
    instance: Instance, scenarios: Iterable[Scenario | str | Path] | Scenario | str | Path
) -> list[Scenario]:
    """One scenario or several, in the order given; arguments and errors are those of `find_policies`."""
    several = [scenarios] if isinstance(scenarios, Scenario | str | Path) else scenarios
    found = (find_scenario(instance, scenario) for scenario in several)
    return with_distinct_names("scenarios", [scenario for scenario in found if scenario is not None])


def with_distinct_names[Part: Policy | Scenario | None](what: str, parts: Iterable[Part]) -> list[Part]:
    """The policies or scenarios as a list, after a check that those that differ also differ in name.

    Args:
        what: "policies" or "scenarios".
        parts: the policies or scenarios; the same one may stand there twice.

    Raises:
        UsageError: two of them differ but have one name, so that results could not be told apart.
    """
    first: dict[str, Policy | Scenario] = {}
    together = list(parts)
    for part in together:
        if part is not None and first.setdefault(part.name, part) != part:
            raise UsageError(
                f"Two {what} that differ are both named {part.name}, so that their results could not be told apart. "
                "Give one of them another name."
            )
    return together


def without_repetition[P: Policy | Scenario | None](what: str, parts: Sequence[P]) -> list[P]:
    """The distinct policies or scenarios, in the order given.

    Args:
        what: "policies" or "scenarios".
        parts: None stands for no policy.

    Raises:
        UsageError: two that differ have one name, by which results are told apart.
    """
    return [part for at, part in enumerate(with_distinct_names(what, parts)) if part not in parts[:at]]


def _is_file(known: Sequence[Policy | Scenario], name: str | Path) -> bool:
    """Whether a file is meant: a YAML or JSON path that is no name of the instance."""
    return not any(part.name == str(name) for part in known) and Path(name).suffix.lower() in MAPPING_FILES
