"""One run of a sweep: a policy under a scenario in a draw, from live models, as a row of figures."""

from __future__ import annotations

import math
import time
from typing import Any

from planner.errors import InfeasibleError, PlannerError
from planner.instance.instance import Instance
from planner.plan.live_planning import Replanner
from planner.plan.measures.exposure import reported_shares_of_regions
from planner.plan.plan import Plan
from planner.plan.rounding import rounded
from planner.plan.run_options import RunOptions
from planner.solve.start_bases import FAR, Place
from planner.study.failure import failure_of
from planner.study.sweep.design import draws_of
from planner.study.sweep.reading import ResolvedSweep
from planner.study.sweep.records import ANSWERED, ASKED, BESIDE

Row = dict[str, Any]
"""The figures of a run by column; a figure that there is not is NaN."""

LONGEST_REASON = 600


def exposures_of(instance: Instance) -> list[tuple[str, str]]:
    """The stages and regions of which a sweep tells the exposure: each region that can make something of the stage."""
    region = instance.region_of
    stage = instance.stage_of
    able = {(stage[row.item], region[row.site]) for row in instance.processes}
    return sorted(able, key=lambda pair: (instance.stages.index(pair[0]), pair[1]))


def regions_of(instance: Instance) -> list[str]:
    """The regions of which a sweep tells how many delivered units touched them: those of sites."""
    return sorted({site.region for site in instance.sites})


def columns_of(asked: ResolvedSweep) -> list[str]:
    """The columns of the runs, in order."""
    return [
        *ASKED,
        *(factor.name for factor in asked.question.factors),
        *ANSWERED,
        *(f"exposure_{stage}_{region}" for stage, region in exposures_of(asked.instance)),
        *(f"touched_{region}" for region in regions_of(asked.instance)),
        *BESIDE,
    ]


class SweepRunner:
    """The runs of a sweep, made one by one from a live model a policy; it belongs to one thread.

    Attributes:
        asked: the sweep.
    """

    def __init__(self, asked: ResolvedSweep) -> None:
        """Draw the figures; models are made when the first run of their policy is asked for."""
        self.asked = asked
        draws = draws_of(asked.question)
        self._draws = draws.to_dict("records")
        self._middle = draws.mean().to_dict()
        wide = draws.max() - draws.min()
        self._wide = wide.where(wide > 0, 1.0).to_dict()
        self._bases: dict[int, Replanner] = {}

    def row(self, number: int) -> Row:
        """The row of a run, counted from 1 in the order of the design: by policy, then scenario, then draw."""
        begun = time.perf_counter()
        question = self.asked.question
        rest, draw = divmod(number - 1, question.draws)
        policy, scenario = divmod(rest, len(question.scenarios))
        figures = {str(name): float(figure) for name, figure in self._draws[draw].items()}
        names = {"run": number, "policy": question.policies[policy], "scenario": question.scenarios[scenario]}
        found = self._found(policy, scenario, figures)
        return {**names, **figures, **found, "seconds": round(time.perf_counter() - begun, 3)}

    def _place(self, policy: int, scenario: int, figures: dict[str, float]) -> Place:
        """Where a run lies: how far its figures are from those that change nothing, where these are known.

        A share of a limit that a policy does not have tells none of its runs apart.
        """
        happens = self.asked.question.scenarios[scenario]
        place = {} if happens is None else {f"scenario {happens}": FAR}
        chosen = self.asked.policies[policy]
        limits = {limit.name: limit for limit in chosen.limits} if chosen else {}
        for factor in self.asked.question.factors:
            name, usual = factor.name, factor.without_effect
            if factor.limit is not None:
                if factor.limit not in limits:
                    continue
                usual = getattr(limits[factor.limit], factor.figure)
            place[name] = (figures[name] - (self._middle[name] if usual is None else usual)) / self._wide[name]
        return place

    def _found(self, policy: int, scenario: int, figures: dict[str, float]) -> Row:
        """Status and figures of a run; of one without a plan its reason."""
        asked = self.asked
        name, happening = asked.question.policies[policy], asked.question.scenarios[scenario]
        try:
            chosen, happens = asked.policy(policy, figures), asked.scenario(scenario, figures)
            base = self._base(policy)
            at = self._place(policy, scenario, figures)
            plan = base.plan(happens, None if chosen is asked.policies[policy] else chosen, at=at)
        except PlannerError as error:
            failure = failure_of(error, asked.instance.settings.name, name, happening)
            return {"status": failure.status, "reason": _reason(error)}
        return {"status": str(plan.status), **_figures(asked.instance, plan)}

    def _base(self, policy: int) -> Replanner:
        if policy not in self._bases:
            options = RunOptions(repairs=False)  # a row has room for the reason alone
            self._bases[policy] = Replanner(self.asked.instance, self.asked.policies[policy], options, priced=False)
        return self._bases[policy]


def _figures(instance: Instance, plan: Plan) -> Row:
    """What the runs tell of a plan, nine significant digits."""
    service = plan.service_summary
    shares = reported_shares_of_regions(plan.instance, plan.production)
    made = {stage for stage, _ in shares}
    exposures = {
        f"exposure_{stage}_{region}": shares.get((stage, region), 0.0) if stage in made else math.nan
        for stage, region in exposures_of(instance)
    }
    touched = plan.touched_shares
    none = 0.0 if touched else math.nan
    return {
        "objective": float(rounded([plan.objective])[0]),
        "margin": plan.margin,
        **{name: service[name] for name in ("delivered", "late", "lost", "fill_rate")},
        **exposures,
        **{f"touched_{region}": touched.get(region, none) for region in regions_of(instance)},
    }


def _reason(error: PlannerError) -> str:
    """Why there is no plan, on one line."""
    if isinstance(error, InfeasibleError):
        text = "no plan can satisfy all of these together: " + " ".join(error.summary)
    else:
        text = str(error)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 3] + "..."
