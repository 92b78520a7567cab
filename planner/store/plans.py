"""Plans, and runs without a plan, as entries of the store; and back.

Some tables of a plan take long and are computed only when they are asked for (`LATER`). The store does not ask for
them: it keeps those that were computed, and the others are computed from the stored plan when they are asked for.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any

import pandas as pd

from planner.instance.applying import apply_scenario
from planner.instance.instance import Instance
from planner.instance.loading import load_instance
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.plan.allocation import allocation_table
from planner.plan.case import name_of
from planner.plan.lazy_tables import PRICED, LazyTables, unpriced
from planner.plan.plan import Plan
from planner.plan.planning import plan_instance
from planner.plan.proof.kept import kept_bytes, kept_of_bytes
from planner.plan.run_options import RunOptions
from planner.plan.run_record import instance_text, plan_of_record, policy_record, record_of, scenario_record
from planner.plan.whole_tables import refuse_damaged
from planner.store.contents import record_bytes, record_of_bytes, table_bytes, table_of, text_bytes, text_of
from planner.store.entry import SERVICE, TABLES, Entry, KeptRun, reading_contents
from planner.store.questions import PLAN, plan_question, question_of
from planner.study.failure import Failure, Run

PROOF = "proof"  # the name of what is kept for the proof, among the contents
NONE = "none"  # the kind of a run without a plan
LATER = ("allocation", *PRICED)
LIMITS, UNPRICED = "limits", "unpriced/"  # the table that costs are read from, and what stands before it
LASTING = {"infeasible", "unbounded"}  # what a run without a plan ends with that no more time would change
_OUTSIDE = ("policy", "scenario", "versions")  # what the record says in contents of their own


def plan_entry(plan: Plan) -> Entry:
    """A plan as an entry."""
    record = record_of(plan)
    kept = tables_to_keep(plan)
    rest = {name: value for name, value in record.items() if name not in _OUTSIDE}
    solver = {name: value for name, value in record["solver"].items() if name != "options"}
    service = plan.service_summary
    return Entry(
        kind=PLAN,
        question=question_of(plan),
        instance=plan.instance.settings.name,
        instance_hash=plan.base_hash,
        policy=name_of(plan.policy),
        scenario=name_of(plan.scenario),
        status=plan.status,
        figures={
            "objective": plan.objective,
            "margin": plan.margin,
            **{name: float(service[name]) for name in SERVICE},
            "gap": plan.gap if math.isfinite(plan.gap) else None,
            "solver_seconds": plan.timings.get("solve"),
            "seconds": round(math.fsum(plan.timings.values()), 6),
        },
        parts={
            "instance": text_bytes(instance_text(plan.instance)),
            "policy": record_bytes(record["policy"]),
            "scenario": record_bytes(record["scenario"]),
            "options": record_bytes(plan.options),
            "versions": record_bytes(record["versions"]),
            "record": record_bytes({**rest, "solver": solver, "rebuilt": plan.rebuilt}),
            **({} if plan.kept is None else {PROOF: kept_bytes(plan.kept)}),
            **table_parts(plan, kept),
            **({} if LIMITS in kept else {f"{UNPRICED}{LIMITS}": table_bytes(unpriced(plan.tables, LIMITS))}),
        },
    )


def tables_to_keep(plan: Plan) -> set[str]:
    """The names of the tables that are stored of a plan: all but those of `LATER` that are not computed yet."""
    made = plan.tables.made() if isinstance(plan.tables, LazyTables) else set(plan.tables)
    return {name for name in plan.tables if name in made or name not in LATER}


def table_parts(plan: Plan, names: Iterable[str]) -> dict[str, bytes]:
    """Tables of a plan as contents, by their names there."""
    return {f"{TABLES}{name}": table_bytes(plan.tables[name]) for name in sorted(names)}


def plan_of(kept: KeptRun, instance: Instance | None = None) -> Plan:
    """The plan from which `plan_entry` made the entry.

    Args:
        kept: a stored run with its contents.
        instance: the instance as it was solved, if the caller has it; None to read it from the contents.

    Raises:
        StoreError: the contents are no plan.
    """
    with reading_contents(kept):
        return _plan(kept, instance)


def _plan(kept: KeptRun, instance: Instance | None) -> Plan:
    record, rebuilt = _record(kept.parts)
    solved = load_instance(json.loads(text_of(kept.parts["instance"]))) if instance is None else instance
    tables = {name.removeprefix(TABLES): table_of(data) for name, data in kept.parts.items() if name.startswith(TABLES)}
    refuse_damaged(solved, tables)
    proof = kept_of_bytes(kept.parts[PROOF]) if PROOF in kept.parts else None
    plan = replace(plan_of_record(record, solved, tables, rebuilt), kept=proof)
    left = [name for name in LATER if name not in tables]
    bare = {LIMITS: table_of(kept.parts[UNPRICED + LIMITS])} if UNPRICED + LIMITS in kept.parts else {}
    return replace(plan, tables=LazyTables({**tables, **_later(plan, left)}, bare)) if left else plan


def _record(parts: Mapping[str, bytes]) -> tuple[dict[str, Any], str]:
    """The contents of run.json, and why the plan was built anew instead of re-solved live."""
    rest = record_of_bytes(parts["record"])
    rebuilt = rest.pop("rebuilt")
    outside = {name: record_of_bytes(parts[name]) for name in _OUTSIDE}
    return {**rest, **outside, "solver": {**rest["solver"], "options": record_of_bytes(parts["options"])}}, rebuilt


def _later(plan: Plan, names: list[str]) -> dict[str, Callable[[], pd.DataFrame]]:
    """Functions that compute the tables that were not computed when the plan was stored."""
    tables = dict(plan.tables)

    @cache
    def anew() -> Mapping[str, pd.DataFrame]:
        options = RunOptions(plan.options["solver"], gap=plan.options["gap"])
        return plan_instance(plan.instance, plan.policy, None, options).tables

    def priced(name: str) -> pd.DataFrame:
        return anew()[name]

    functions = {name: partial(priced, name) for name in PRICED}
    made: dict[str, Callable[[], pd.DataFrame]] = {
        **functions,
        "allocation": lambda: allocation_table(plan.instance, tables),
    }
    return {name: made[name] for name in names}


def failure_entry(
    failure: Failure, instance: Instance, policy: Policy | None, scenario: Scenario | None, options: Mapping[str, Any]
) -> Entry:
    """A run without a plan as an entry; `instance` is undisturbed, `options` are those of `RunOptions.as_json`."""
    return Entry(
        kind=NONE,
        question=plan_question(instance, policy, scenario, options),
        instance=failure.instance,
        instance_hash=instance.content_hash,
        policy=failure.policy,
        scenario=failure.scenario,
        status=failure.status,
        parts={
            "instance": text_bytes(instance_text(instance)),
            "policy": record_bytes(policy_record(policy)),
            "scenario": record_bytes(scenario_record(scenario)),
            "options": record_bytes(dict(options)),
            **({} if failure.kept is None else {PROOF: kept_bytes(failure.kept)}),
            "record": record_bytes(
                {
                    "message": failure.message,
                    "conflict": failure.conflict,
                    "repair": failure.repair,
                    "summary": failure.summary,
                    "in_full": failure.in_full,
                }
            ),
        },
    )


def failure_of_entry(kept: KeptRun) -> Failure:
    """The failure from which `failure_entry` made the entry.

    Raises:
        StoreError: the contents are no failure.
    """
    with reading_contents(kept):
        record, row = record_of_bytes(kept.parts["record"]), kept.row
        return Failure(
            row["instance"],
            row["policy"],
            row["scenario"],
            row["status"],
            record["message"],
            conflict=tuple(record["conflict"]),
            repair=tuple(record["repair"]),
            summary=tuple(record["summary"]),
            in_full=record["in_full"],
            kept=kept_of_bytes(kept.parts[PROOF]) if PROOF in kept.parts else None,
        )


def question_without_plan(kept: KeptRun) -> tuple[Instance, Policy | None]:
    """The instance, its scenario applied, and the policy of a run without a plan.

    Raises:
        StoreError: the contents are no such run.
        InstanceError: a change of the scenario is not right.
    """
    with reading_contents(kept):
        instance = load_instance(json.loads(text_of(kept.parts["instance"])))
        policy, scenario = (record_of_bytes(kept.parts[name]) for name in ("policy", "scenario"))
        chosen = None if policy is None else Policy.model_validate(policy)
        happens = None if scenario is None else Scenario.model_validate(scenario)
    return (instance if happens is None else apply_scenario(instance, happens)), chosen


def run_of(kept: KeptRun, instance: Instance | None = None) -> Run:
    """The stored plan or failure; arguments as for `plan_of`."""
    return plan_of(kept, instance) if kept.kind == PLAN else failure_of_entry(kept)
