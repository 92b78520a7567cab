"""The hash of a question, which is equal for equal instance, policy, scenario, options and releases."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.plan.plan import Plan
from planner.plan.release import versions
from planner.plan.run_record import policy_record, scenario_record

PLAN = "plan"


def question(kind: str, asked: Mapping[str, Any], made_by: Mapping[str, str] | None = None) -> str:
    """The hash of a question.

    Args:
        kind: `plan`, or the command that asks.
        asked: all inputs of the answer, in a form that JSON can hold.
        made_by: the releases of the planner and its libraries; None for those of this process.
    """
    whole = {"kind": kind, "asked": asked, "versions": made_by or versions()}
    return hashlib.sha256(json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def plan_question(
    instance: Instance, policy: Policy | None, scenario: Scenario | None, options: Mapping[str, Any]
) -> str:
    """The hash of the question that asks for a plan.

    Args:
        instance: the undisturbed instance.
        policy, scenario: what is chosen and what happens; None for none.
        options: the options, as from `RunOptions.as_json`.
    """
    return question(PLAN, _asked(instance.content_hash, policy, scenario, options))


def question_of(plan: Plan) -> str:
    """The hash of the question that a plan answers."""
    return question(PLAN, _asked(plan.base_hash, plan.policy, plan.scenario, plan.options), plan.versions)


def _asked(
    base_hash: str, policy: Policy | None, scenario: Scenario | None, options: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "instance": base_hash,
        "policy": policy_record(policy),
        "scenario": scenario_record(scenario),
        "options": dict(options),
    }
