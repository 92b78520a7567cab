"""One question put to the planner, to its program by other algorithms and solvers, and to the oracle."""

from . import answer, scenarios
from .planners import REFUSED, VARIANTS, Found, Questions, solved, variant, variants_of
from .program import UNKNOWN

AGREEMENT = 1e-6
STOPPED = ("limit", "unknown", "feasible", UNKNOWN)  # no answer, so nothing to compare


def oracle(mapping, policy, scenario):
    """The oracle's status and cost; a change that is an error is a refusal."""
    try:
        found = answer.least_cost(mapping, policy, scenario)
    except scenarios.RefusedError as error:
        return Found(REFUSED, reason=str(error))
    return Found(found.status, found.cost if found.status == "optimal" else None)


def agree(one, other):
    """Whether two answers are the same: the status, and costs within 1e-6 relative (a cost below 1 counts as 1)."""
    if one.status != other.status:
        return False
    return one.cost is None or abs(one.cost - other.cost) <= AGREEMENT * max(1.0, abs(one.cost), abs(other.cost))


class Asked:
    """An instance and its answers."""

    def __init__(self, mapping):
        self.mapping, self.questions = mapping, Questions(mapping)

    def answers(self, policy=None, scenario=None, variants=VARIANTS):
        """{who: answer}, the planner's first; only the planner's where it refuses the question."""
        program = self.questions.program(policy, scenario)
        if isinstance(program, Found):
            return {"planner": program}
        found = {"planner": solved(program), "oracle": oracle(self.mapping, policy, scenario)}
        for name in variants_of(program):
            if name in variants:
                found[name] = variant(program, name)
        return found


def dissent(answers):
    """Who does not agree with the planner; those that came to no answer have said nothing."""
    own = answers["planner"]
    if own.status == REFUSED:
        return []
    return [who for who, other in answers.items() if other.status not in STOPPED and not agree(own, other)]


def unanswered(answers):
    """Who came to no answer."""
    return [who for who, other in answers.items() if other.status in STOPPED]
