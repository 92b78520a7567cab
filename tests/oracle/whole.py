"""Decisions that are not linear, held as a plan has them, so that the second formulation is a linear program."""

import math

from .choices import ZERO, Lot
from .tables import Tables


def hold(flows, tables):
    """Hold the lots, sources and whole options of a program at those of a plan.

    Args:
        flows: the program.
        tables: of the plan, each a list of rows.
    """
    program, plan = flows.program, Tables(flows, tables)
    x = [plan.values.get(key, 0.0) for key in program.keys]
    for column, whole in enumerate(program.whole):
        if whole:
            program.low[column] = program.high[column] = float(round(x[column]))
            program.whole[column] = False
    makes = [math.fsum(size * x[column] for column, size in terms.items()) for terms in program.rows]
    for choice in program.choices:
        if isinstance(choice, Lot):
            if makes[choice.row] > ZERO:
                program.lows[choice.row] = choice.least
            else:
                program.highs[choice.row] = 0.0
            continue
        for used, enough in zip(choice.used, choice.enough, strict=True):
            if makes[used] > ZERO:
                program.lows[enough] = 0.0
            elif _says_something(program, choice, used, enough):
                program.highs[used] = 0.0
    program.choices = []


def _says_something(program, choice, used, enough):
    """Whether a rule on sources can bind: fewer sites than there are, two at least, or a least share."""
    made, share = ({column: size for column, size in program.rows[row].items() if size} for row in (used, enough))
    return choice.most < len(choice.used) or choice.fewest > 1 or made != share
