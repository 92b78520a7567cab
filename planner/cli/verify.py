"""The command `planner verify`: a run proved again from its files, without a solver."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.cli.keeping import names_a_folder
from planner.cli.options import json_failures, json_option, print_json, run_argument, say
from planner.cli.show import console, heading
from planner.store.entry import KeptRun
from planner.text.cases import NO_POLICY

if TYPE_CHECKING:
    from planner.plan.proof.claims import Claims
    from planner.plan.proof.verify import Verdict

SHOWN = 20


@click.command(short_help="Prove a run again, without a solver.", epilog="Example: planner verify runs/base")
@run_argument
@json_option
@json_failures
def verify(run: str, *, as_json: bool) -> int:
    """Prove a run again from its instance and its tables, in exact decimals and without a solver.

    Every row that must be there, every figure that follows from others, every balance, limit, capacity, bound and cost
    is reckoned anew; each printed figure counts as right to its last digit. The least cost is proved from the duals
    that are kept with the run; with whole decisions it is the solver's word, and said to be.

    Exit codes: 0 all of it holds; 2 something does not, with table, row and column, or it is a plan after a strike,
    which a run does not say enough of; 4 the tables hold, but that the cost is the least is not proved, as
    where decisions of an earlier plan had to stay (--freeze), which is no part of the run.
    """
    from planner.plan.proof.verify import verify as proved

    claims = _claims(run)
    if isinstance(claims, KeptRun):
        return _no_plan(claims, as_json=as_json)
    verdict = proved(claims)
    if as_json:
        print_json({"schema_version": 1, "run": run, **_named(claims), **verdict.as_json()})
    else:
        _print(claims, verdict)
    if not verdict.holds:
        return 2
    return 0 if verdict.settled else 4


def _claims(run: str) -> Claims | KeptRun:
    """The claims of a run folder or of a run in the store; for a stored run without a plan that run itself."""
    if names_a_folder(run):
        from planner.report.run_folder import read_claims

        return read_claims(Path(run))
    from planner.plan.proof.claims import Claims
    from planner.store.plans import NONE, plan_of
    from planner.store.questions import PLAN
    from planner.store.run_store import RunStore

    store = RunStore()
    kept = store.get(run)
    if kept.kind == NONE:
        return kept
    return Claims.of(plan_of(kept) if kept.kind == PLAN else store.read(run))


def _no_plan(kept: KeptRun, *, as_json: bool) -> int:
    """Prove again that a run has no plan."""
    from planner.plan.proof.no_plan import NoPlan, verify_no_plan
    from planner.store.plans import failure_of_entry, question_without_plan

    failure = failure_of_entry(kept)
    if failure.status == "infeasible":
        found = verify_no_plan(*question_without_plan(kept), failure.kept)
    else:
        found = NoPlan(False, f"the run ended {failure.status}, of which there is no proof")
    names = {"instance": failure.instance, "policy": failure.policy, "scenario": failure.scenario}
    if as_json:
        print_json({"schema_version": 1, "run": kept.id, **names, "status": failure.status, **found.as_json()})
    else:
        what = " / ".join(str(name) for name in (failure.policy, failure.scenario) if name) or NO_POLICY
        console().print(heading(f"{failure.instance}: {what}: {failure.status}"))
        for sentence in found.sentences:
            console().print(sentence, markup=False, soft_wrap=True)
    return 0 if found.proved else 4


def _named(claims: Claims) -> dict[str, Any]:
    """The instance, policy and scenario of the run, by its record."""
    record = claims.record
    names = {
        part: record[part]["name"] if isinstance(record.get(part), dict) and "name" in record[part] else None
        for part in ("policy", "scenario")
    }
    return {"instance": claims.instance.settings.name, **names, "status": record.get("status")}


def _print(claims: Claims, verdict: Verdict) -> None:
    names = _named(claims)
    what = " / ".join(str(names[part]) for part in ("policy", "scenario") if names[part]) or NO_POLICY
    out = console()
    said = "holds" if verdict.holds else "does NOT hold" if verdict.told else "cannot be proved"
    out.print(heading(f"{names['instance']}: {what}: {said}"))
    for finding in verdict.findings[:SHOWN]:
        out.print(f"- {finding.words}", markup=False, soft_wrap=True)
    if len(verdict.findings) > SHOWN:
        say(f"and {len(verdict.findings) - SHOWN} more; --json has them all")
    for sentence in verdict.sentences:
        out.print(sentence, markup=False, soft_wrap=True)
