"""A plan as a record beside its tables: what run.json says of it, and the plan that such a record and tables make."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, MutableMapping
from typing import Any

import pandas as pd

from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.plan.plan import Plan
from planner.solve.certificate import Certificate
from planner.solve.decisions_in_tables import DECISIONS


def record_of(plan: Plan) -> dict[str, Any]:
    """The contents of run.json: all of a plan but its instance and tables, in a form that JSON can hold."""
    return {
        "schema_version": 1,
        "instance": plan.instance.settings.name,
        "content_hash": plan.base_hash,
        "policy": policy_record(plan.policy),
        "scenario": scenario_record(plan.scenario),
        "versions": plan.versions,
        "solver": {"name": plan.solver, "method": plan.method, "options": plan.options},
        "status": plan.status,
        "objective": plan.objective,
        "gap": plan.gap,
        "unique": plan.unique,
        "certificate": plan.certificate.as_json(),
        "sizes": plan.sizes,
        "timings": plan.timings,
    }


def plan_of_record(
    record: Mapping[str, Any], instance: Instance, tables: MutableMapping[str, pd.DataFrame], rebuilt: str = ""
) -> Plan:
    """The plan of a record that `record_of` made, with its instance and tables.

    Args:
        record: the contents of run.json.
        instance: the instance as it was solved.
        tables: the tables of the plan, by name.
        rebuilt: why the program was built anew, which run.json does not contain.

    Raises:
        KeyError, ValueError, TypeError: the record is no such record.
    """
    return Plan(
        instance=instance,
        policy=Policy.model_validate(record["policy"]) if record["policy"] else None,
        scenario=Scenario.model_validate(record["scenario"]) if record["scenario"] else None,
        base_hash=record["content_hash"],
        status=record["status"],
        objective=record["objective"],
        gap=record["gap"],
        tables=tables,
        certificate=Certificate(**{**record["certificate"], "failures": ()}),
        unique=record["unique"],
        solver=record["solver"]["name"],
        method=record["solver"]["method"],
        options=record["solver"]["options"],
        sizes=record["sizes"],
        timings=record["timings"],
        rebuilt=rebuilt,
        versions=record["versions"],
    )


def policy_record(policy: Policy | None) -> dict[str, Any] | None:
    """A policy in full, as JSON can hold it; None for none."""
    return policy.model_dump(by_alias=True, exclude_defaults=True, mode="json") if policy else None


def scenario_record(scenario: Scenario | None) -> dict[str, Any] | None:
    """A scenario in full, as JSON can hold it; None for none."""
    return scenario.model_dump(by_alias=True, exclude_unset=True, mode="json") if scenario else None


def instance_text(instance: Instance) -> str:
    """An instance as one file: YAML whose rows stand one a line, in JSON's way of writing, which YAML reads too."""
    lines = []
    for name, value in instance.as_mapping().items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in value)
            lines.append(f"{json.dumps(name)}: [\n{rows}\n]")
        else:
            lines.append(f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def decisions_hash(plan: Plan) -> str:
    """SHA-256 of what a plan decides: equal for a plan and the same one read from its run."""
    found = hashlib.sha256()
    for name in sorted({table for _, table, _ in DECISIONS} & set(plan.tables)):
        found.update(f"{name}\n{plan.tables[name].to_csv(index=False, lineterminator=chr(10))}".encode())
    return found.hexdigest()
