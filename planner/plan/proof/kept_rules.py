"""Whether the decisions of a run keep every row and bound of its program."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from planner.model.words.amounts import Amounts
from planner.model.words.lines import Line
from planner.plan.proof.compared import Finding, short
from planner.plan.proof.decided import BESIDE, OWN, RunDecisions
from planner.plan.proof.printed_figures import ZERO
from planner.plan.proof.rules import Rules
from planner.solve.row_sentences import label_order
from planner.solve.sentences import one_sentence_each

ABSENT = Decimal("1e-6")  # of the largest part of a row: decisions too small for a row of a table count for no more
LEAST = Decimal(1)  # a row whose parts are smaller counts as that, as in the certificate


def rule_failures(rules: Rules, found: RunDecisions, findings: list[Finding]) -> None:
    """Check every row and bound; broken ones are added to `findings`.

    A row holds if some figures that are printed like those of the run keep it. So its sides may be missed by half a
    unit of the last digit of each term. Decisions that are too small to have a row in a table count as 0. If a row does
    not hold then, they may be as large as a figure that a table leaves out, together at most a millionth of the largest
    term of the row: the certificate allows a row to be missed by as much.
    """
    activity = rules.activity(found.decisions)
    lower, upper = np.isfinite(rules.matrix.lower), np.isfinite(rules.matrix.upper)
    for row, (value, width, low, high) in enumerate(
        zip(activity.value.tolist(), activity.width.tolist(), *rules.row_sides, strict=True)
    ):
        apart = max(low - value if lower[row] else ZERO, value - high if upper[row] else ZERO, ZERO)
        if apart <= width or apart <= width + _absent(rules, found, row):
            continue
        findings.append(_broken(rules, row, value, low if lower[row] and value < low else high))
    _bounds(rules, found, findings)


def _absent(rules: Rules, found: RunDecisions, row: int) -> Decimal:
    """What decisions without a row in a table may add to a row of the program."""
    entries = np.flatnonzero(rules.matrix.row == row)
    column = rules.matrix.column[entries]
    size = np.abs(rules.coefficient[entries])
    value = found.decisions.value[column]
    missing = np.array([part == 0 for part in value.tolist()], dtype=bool)
    there = sum((size * found.absent[column])[missing].tolist(), ZERO)
    largest: Decimal = max([LEAST, *(size * np.abs(value)).tolist()])
    return min(there, ABSENT * largest)


def _broken(rules: Rules, row: int, value: Decimal, side: Decimal) -> Finding:
    layout = rules.layout
    start, rows = layout.family_of(row)
    labels = tuple(rows.labels.iloc[row - start])
    line: Line = rows.family.line(layout.network, labels, float(rows.right[row - start]))
    names = [_label(rules, part, column) for column, part in zip(rows.labels.columns, labels, strict=True)]
    sentence = one_sentence_each([line], label_order(layout.network), Amounts())[0]
    text = f"{rows.family.name} is {short(value)}, and must be {rows.family.sense.replace('==', '')} {short(side)}"
    return Finding(_table(rules, row), 0, rows.family.name, "/".join(names), f"{' '.join(text.split())}: {sentence}")


def _label(rules: Rules, part: object, column: str) -> str:
    if column == "period" and not isinstance(part, str):
        return rules.layout.network.labels[int(part)]  # type: ignore[call-overload]
    return str(part)


def _table(rules: Rules, row: int) -> str:
    """The tables in which the decisions of a row stand."""
    columns = rules.matrix.column[rules.matrix.row == row]
    blocks = {block.spec.name for block in rules.layout.blocks if block.holds(columns).any()}
    tables = [name for name, block, _ in (*OWN, *BESIDE) if block in blocks]
    return ", ".join(dict.fromkeys(tables)) or "production"


def _bounds(rules: Rules, found: RunDecisions, findings: list[Finding]) -> None:
    lower, upper = (np.isfinite(side) for side in (rules.layout.numbers.lower, rules.layout.numbers.upper))
    low, high = rules.bounds
    tables = {block: (name, column) for name, block, column in (*OWN, *BESIDE)}
    beside = {part[0] for part in BESIDE}
    for block in rules.layout.blocks:
        name, decision = tables.get(block.spec.name, ("production", block.spec.name))
        for at in range(block.first, block.first + len(block)):
            value, width = found.decisions.value[at], found.decisions.width[at]
            below, above = lower[at] and value + width < low[at], upper[at] and value - width > high[at]
            if not below and not above:
                continue
            label = "/".join(str(part) for part in block.labelled[block.keys].iloc[at - block.first])
            side = f"at least {short(low[at])}" if below else f"at most {short(high[at])}"
            row = 0
            if name not in beside:
                stands = np.flatnonzero(found.written[name].place == at - block.first)
                row = next((int(place) + 1 for place in stands), 0)
            findings.append(Finding(name, row, decision, label, f"is {short(value)}, and must be {side}"))
