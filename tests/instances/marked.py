"""How the figures of the instance's README are named and written; see test_accelerators_readme."""

from collections.abc import Callable
from dataclasses import dataclass

from accelerators import BN


@dataclass(frozen=True)
class Made:
    write: Callable[[], str]
    slow: bool


FIGURES: dict[str, Made] = {}


def figure(name, *, slow=False):
    def keep(write):
        FIGURES[name] = Made(write, slow)
        return write

    return keep


def table(head, rows):
    """A table on lines of its own."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n" + "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)


def percent(share, digits=0):
    return f"{100 * share:.{digits}f} %"


def bn(amount, digits=1):
    return f"{amount / BN:.{digits}f}"


def more(amount, digits=1):
    return f"{amount / BN:+.{digits}f} bn"
