"""That no plan exists, proved again from kept weights, in exact decimals and in planner words (Farkas's lemma).

With weights y whose signs fit the sides of the rows, every plan x has y'A x >= the weighted sum of these sides. Where
that is more than y'A x can be within the bounds of the decisions, there is no plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.model.program import Program
from planner.model.words.amounts import Amounts
from planner.plan.proof.bound import Bound, lower_bound
from planner.plan.proof.kept import NO_PLAN, RowWeights
from planner.plan.proof.printed_figures import ZERO, exact_arithmetic
from planner.plan.proof.rules import Rules
from planner.solve.row_sentences import column_line, label_order, row_line
from planner.solve.sentences import sentences_in_groups

NOTHING = "nothing is kept with the run that proves it; solve it again"
WHOLE = "only whole decisions rule a plan out, which is the solver's word"


@dataclass(frozen=True)
class NoPlan:
    """What was proved of a run without a plan.

    Attributes:
        proved: whether it is certain that no plan exists.
        why: why it is not proved; empty where it is.
        rows: what cannot hold together, in planner words: every rule that the proof adds up.
        counted: the number of rows that it adds up.
    """

    proved: bool
    why: str = ""
    rows: tuple[str, ...] = ()
    counted: int = 0

    @property
    def sentences(self) -> list[str]:
        """What was proved, in words."""
        if not self.proved:
            return [f"that no plan exists: not proved; {self.why}"]
        head = (
            f"that no plan exists: proved in exact decimals, without a solver, by {self.counted:,} rows that contradict"
        )
        return [f"{head} each other, of which these have figures:", *(f"  - {row}" for row in self.rows)]

    def as_json(self) -> dict[str, Any]:
        """What was proved, as JSON can hold it."""
        return {"holds": self.proved, "why": self.why, "rows": list(self.rows), "checked": {"rows": self.counted}}


def verify_no_plan(instance: Instance, policy: Policy | None, kept: RowWeights | None) -> NoPlan:
    """Prove again that an instance has no plan under a policy.

    Args:
        instance: the scenario applied.
        policy: what was chosen.
        kept: the row weights that are stored with the run.

    Raises:
        UsageError: the policy or the instance uses something that this version does not plan.
    """
    rules = Rules(instance, policy)
    if kept is None:
        return NoPlan(False, WHOLE if rules.layout.integer.any() else NOTHING)
    found = surplus_of(rules, kept)
    if found is None:
        return NoPlan(False, "what is kept with the run does not prove it; solve it again")
    used = np.flatnonzero([weight != ZERO for weight in found.weights.tolist()])
    return NoPlan(True, "", tuple(_words(rules, found, used)), len(used))


def surplus_of(rules: Rules, kept: RowWeights) -> Bound | None:
    """By how much the weighted rows exceed what the bounds allow; None where they do not, or are of another program."""
    weights = kept.for_program(rules.layout) if kept.proves == NO_PLAN else None
    if weights is None:
        return None
    found = lower_bound(rules, weights, ZERO)
    return found if found.value is not None and found.value > 0 else None


def _words(rules: Rules, found: Bound, used: np.ndarray[Any, Any]) -> list[str]:
    """The rules and bounds with figures that a proof adds up, in groups."""
    program = cast("Program", rules.layout)
    with exact_arithmetic():
        weights = found.weights[rules.matrix.row]
        reduced = -rules.by_column(rules.coefficient * weights)
    lines = [row_line(program, int(row), most=bool(found.weights[row] < 0)) for row in used.tolist()]
    bounded = [column for column, part in enumerate(reduced.tolist()) if part < 0]
    bounds = [column_line(program, column) for column in bounded if np.isfinite(program.numbers.upper[column])]
    told = [line for line in (*lines, *bounds) if line is not None and any(line.figures)]
    return sentences_in_groups(told, label_order(program.network), Amounts())
