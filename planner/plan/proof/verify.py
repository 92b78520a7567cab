"""A run proved again from its instance and its files, in exact decimals and without a solver."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd

from planner.errors import InstanceError
from planner.instance.policy import Policy
from planner.plan.planning import FORMULATED
from planner.plan.proof.bound import lower_bound
from planner.plan.proof.claims import Claims
from planner.plan.proof.compared import Finding
from planner.plan.proof.decided import RunDecisions, own_failures, read_decisions
from planner.plan.proof.follows import DROPPED, table_failures
from planner.plan.proof.kept import LEAST_COST
from planner.plan.proof.kept_rules import rule_failures
from planner.plan.proof.measured import Measures, measure_failures, measures_of
from planner.plan.proof.printed_figures import ZERO, exact_arithmetic
from planner.plan.proof.rules import Rules
from planner.plan.run_options import RANGES
from planner.plan.tables import FURTHER_TABLES, TABLE_NAMES
from planner.solve.money import gross_cost
from planner.text.figures import joined, power_of_ten

RUN = "run.json"
GAP = 1e-6  # as of the certificate: a larger one is no proof of least cost
ENOUGH = Decimal("1e-9")  # a bound that is closer is not improved
PROVED, SOLVERS, UNPROVED = "proved", "the solver's word", "not proved"


class Least(NamedTuple):
    """What is proved of the least cost; the fields are those of `Verdict`."""

    bound: str
    why: str
    gap: float = math.nan
    implied: int = 0


@dataclass(frozen=True)
class Verdict:
    """The result of `planner verify`.

    Attributes:
        findings: what is wrong in the run.
        bound: whether the bound on its cost is `proved`, `the solver's word`, or `not proved`.
        why: why the bound is not proved; empty where it is.
        gap: (cost - proved bound) / all costs without their signs (solve/money.py); NaN where nothing is proved.
        implied: the number of decisions without an upper bound for which the proof of the bound found one.
        counted: the numbers of checked rows, bounds, tables and figures.
        seconds: the seconds that it took.
        told: whether the files of the run contain enough of its plan to prove it.
    """

    findings: tuple[Finding, ...]
    bound: str = UNPROVED
    why: str = ""
    gap: float = math.nan
    implied: int = 0
    counted: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    told: bool = True

    @property
    def holds(self) -> bool:
        """Whether the run has no findings."""
        return not self.findings

    @property
    def settled(self) -> bool:
        """Whether the bound is proved or, with integers, where it cannot be proved, is the solver's word."""
        return self.holds and self.bound != UNPROVED

    @property
    def sentences(self) -> list[str]:
        """Sentences on what was proved of a run without findings."""
        if not self.holds:
            return []
        counts = self.counted
        held = (
            f"proved in exact decimals, without a solver: {counts['rows']:,} rows and {counts['decisions']:,} "
            f"decisions keep every rule, {counts['cells']:,} cells of {counts['tables']} tables follow, each to its "
            "last digit"
        )
        if self.bound == PROVED:
            return [held, f"least cost: proved within {power_of_ten(self.gap)}, from the duals kept with the run"]
        return [held, f"least cost: {self.bound}; {self.why}"]

    def as_json(self) -> dict[str, Any]:
        """What was proved, as JSON can hold it."""
        return {
            "holds": self.holds,
            "findings": [finding.as_json() for finding in self.findings],
            "least_cost": {"bound": self.bound, "gap": self.gap, "why": self.why, "implied_bounds": self.implied},
            "checked": self.counted,
            "seconds": round(self.seconds, 6),
        }


def verify(claims: Claims, rules: Rules | None = None, measures: Measures | None = None) -> Verdict:
    """Prove a run again.

    Args:
        claims: the contents of its files.
        rules: the program of its instance and policy, if the caller has it; None to build it.
        measures: the measures of its decisions, if they were computed before; None to compute them.

    Raises:
        UsageError: the policy or the instance uses something that this version does not plan.
    """
    begun = time.perf_counter()
    findings: list[Finding] = []
    policy = _policy(claims, findings)
    if findings:
        return Verdict(tuple(findings))
    if "recourse" in claims.tables:
        text = "the plan is one after a strike, of which a run does not say the terms"
        return Verdict((Finding("recourse", 0, "", "", text),), told=False)
    found = _rules(claims, policy) if rules is None else rules
    with exact_arithmetic():
        _names(claims, findings)
        plan = read_decisions(found, claims.tables, findings)
        own_failures(found, plan)
        table_failures(found, claims.tables, plan, findings)
        rule_failures(found, plan, findings)
        if not findings:
            duals = claims.kept.for_program(found.layout) if claims.kept and claims.kept.proves == LEAST_COST else None
            made = measures or measures_of(found, claims.tables, plan, duals)
            measure_failures(found, claims.tables, made, findings, ranged=bool(_options(claims).get(RANGES)))
        cost = _record(claims, found, plan, findings)
    if not findings:
        text = "is not as it was written: its hash in run.json is another"
        findings += [Finding(name, 0, "", "", text) for name in claims.unsealed]
    least = _least(claims, found, plan, cost, findings)
    counted = {
        "rows": found.layout.rows,
        "decisions": found.layout.columns,
        "tables": len(claims.tables),
        "cells": sum(int(table.size) for table in claims.tables.values()),
    }
    return Verdict(tuple(findings), *least, counted, time.perf_counter() - begun)


def _policy(claims: Claims, findings: list[Finding]) -> Policy | None:
    """The policy that the record has in full."""
    record = claims.record.get("policy")
    if record is None:
        return None
    try:
        return Policy.model_validate(record)
    except InstanceError as error:
        findings.append(Finding(RUN, 0, "policy", "", f"is no policy: {error.problems[0].message}"))
        return None


def _rules(claims: Claims, policy: Policy | None) -> Rules:
    options = _options(claims)
    every_way = bool(options.get(FORMULATED) or options.get("stay_close_to"))
    return Rules(claims.instance, policy, _made(claims), held=_is_held(claims), every_way=every_way)


def _made(claims: Claims) -> dict[str, float]:
    """Good units of each item that the run makes, by its table of production; cells that are no figures count as 0."""
    made = claims.tables.get("production")
    if made is None or not {"item", "finished"} <= set(made):
        return {}
    finished = pd.to_numeric(made["finished"], errors="coerce").fillna(0.0)
    found: dict[str, float] = finished.groupby(made["item"]).sum().to_dict()
    return found


def _is_held(claims: Claims) -> bool:
    """Whether decisions of an earlier plan had to stay."""
    near = _options(claims).get("stay_close_to")
    return isinstance(near, dict) and bool({"freeze", "most_resourced"} & set(near))


def _kept_from_earlier(near: dict[str, Any]) -> str:
    """Why the least cost of a plan is not proved that had to keep decisions of an earlier one."""
    window, most = near.get("freeze"), near.get("most_resourced")
    kept = [] if window is None else [f"what it planned in {'every period' if window == '*' else window}"]
    kept += [f"the sites of all but {most:g} of its units"] if isinstance(most, int | float) else []
    return (
        f"it had to keep of an earlier plan {joined(kept)}, and a run does not have the earlier plan: "
        "without that, another plan may cost less"
    )


def _options(claims: Claims) -> dict[str, Any]:
    """How the run was solved, as its record says."""
    solver = claims.record.get("solver")
    options = solver.get("options") if isinstance(solver, dict) else None
    return options if isinstance(options, dict) else {}


def _names(claims: Claims, findings: list[Finding]) -> None:
    """Find tables that are missing, and tables that no run has."""
    missing = [name for name in TABLE_NAMES if name not in claims.tables]
    strange = [name for name in claims.tables if name not in {*TABLE_NAMES, *FURTHER_TABLES}]
    findings += [Finding(name, 0, "", "", "the table is missing") for name in missing]
    findings += [Finding(name, 0, "", "", "the planner writes no such table") for name in strange]


def _record(claims: Claims, rules: Rules, plan: RunDecisions, findings: list[Finding]) -> Decimal | None:
    """Check run.json against the tables, and return the cost that it states."""
    record = claims.record

    def wrong(column: str, text: str) -> None:
        findings.append(Finding(RUN, 0, column, "", text))

    if record.get("schema_version") != 1:
        wrong("schema_version", f"is {record.get('schema_version')}, not 1")
    if record.get("instance") != claims.instance.settings.name:
        wrong("instance", f"is {record.get('instance')}, but the instance is {claims.instance.settings.name}")
    if record.get("scenario") is None and record.get("content_hash") != claims.instance.content_hash:
        wrong("content_hash", "is not that of instance.yaml")
    status = record.get("status")
    if status not in {"optimal", "feasible"}:
        wrong("status", f"is {status}; a plan is optimal or feasible")
    sizes = {"columns": rules.layout.columns, "rows": rules.layout.rows, "nonzeros": len(rules.matrix.row)}
    if record.get("sizes") != sizes:
        wrong("sizes", f"is {record.get('sizes')}, but the program has {sizes}")
    gap = record.get("gap")
    if not (_positive(gap) or (status == "feasible" and gap == math.inf)):  # with a plan, and without any bound
        wrong("gap", f"is {gap}")
    elif status == "optimal" and not rules.layout.integer.any() and gap:
        wrong("gap", f"is {gap}, and must be 0 for a linear program that is solved")
    certificate = record.get("certificate")
    certificate = certificate if isinstance(certificate, dict) else {}
    if certificate.get("passed") is not True:
        wrong("certificate", "is not passed")
    for name in ("largest_violation", "relative_gap"):
        figure = certificate.get(name)
        if not _positive(figure):
            wrong(f"certificate.{name}", f"is {figure}")
    objective = record.get("objective")
    if not isinstance(objective, int | float) or isinstance(objective, bool) or not math.isfinite(objective):
        wrong("objective", f"is {objective}, which is no finite figure")
        return None
    stated = Decimal(repr(float(objective)))
    amounts = plan.written["costs"].read("amount")
    value, width = sum(amounts.value.tolist(), ZERO), sum(amounts.width.tolist(), ZERO)
    if abs(stated - value) > width + DROPPED * sum(map(abs, amounts.value.tolist()), ZERO):
        wrong("objective", f"is {objective!r}, but the costs add up to {float(value):.12g}")
    return stated


def _positive(figure: Any) -> bool:
    """Whether it is a finite figure, not below 0."""
    return isinstance(figure, int | float) and not isinstance(figure, bool) and math.isfinite(figure) and figure >= 0


def _least(claims: Claims, rules: Rules, plan: RunDecisions, cost: Decimal | None, findings: list[Finding]) -> Least:
    """What is proved of the least cost."""
    record = claims.record
    options = _options(claims)
    if record.get("status") == "feasible":
        return Least(UNPROVED, "a limit ended the solve before a proof, as the run says")
    if rules.layout.integer.any():
        return Least(SOLVERS, "with whole options, sources or lots it rests on branch and bound, which is not kept")
    if claims.kept is None:
        if _is_held(claims):
            return Least(UNPROVED, _kept_from_earlier(options["stay_close_to"]))
        if options.get(FORMULATED) or options.get("stay_close_to"):
            return Least(UNPROVED, "its program had rows besides those of instance and policy")
        return Least(UNPROVED, "nothing is kept for its proof; solve it again")
    weights = claims.kept.for_program(rules.layout) if claims.kept.proves == LEAST_COST else None
    if weights is None or cost is None:
        return Least(UNPROVED, "what is kept with the run is of other rules; solve it again")
    with exact_arithmetic():
        gross = Decimal(repr(gross_cost(rules.cost.astype(float), plan.decisions.value.astype(float))))
        found = lower_bound(rules, weights, cost - gross * ENOUGH, cost + gross * Decimal(repr(GAP)))
        if found.value is None:
            return Least(UNPROVED, "flows in a circle that cost nothing have no upper bound")
        gap = float(cost - found.value) / float(gross)
    if abs(gap) > GAP:
        text = f"the kept duals prove a least cost of {float(found.value):.12g}, which leaves a gap of {gap:.3g}"
        findings.append(Finding("proof", 0, "", "", text))
        return Least(UNPROVED, "the gap is too large", gap, found.implied)
    return Least(PROVED, "", max(gap, 0.0), found.implied)
