"""How figures and lists are written in sentences and tables: money, units, shares, changes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

NONE = "–"
NO_LIMIT = "no limit"
_SCALES = ((1e12, "trn"), (1e9, "bn"), (1e6, "M"))


_BREAKS = re.compile(
    r"(?<=\d) (?=(?:%|pp|trn|bn|M)(?!\w))|(?<=[A-Za-z]) (?=\d[\d,.]* (?:trn|bn|M)(?!\w))|(?<=[A-Z]{3}) (?=\d)"
)


def keep_units_together(text: str) -> str:
    """A text whose figures stay together with their units: spaces that do not break between them."""
    return _BREAKS.sub("\u00a0", text)


def money(amount: float, currency: str) -> str:
    """An amount of money, e.g. `USD 399.0 bn`."""
    return NONE if math.isnan(amount) else f"{'−' if amount < 0 else ''}{currency} {_scaled(abs(amount))}"


def money_change(amount: float, currency: str) -> str:
    """A change of money with its sign, e.g. `+USD 4.3 bn`; nothing changed is `±0`."""
    return _signed(amount, money(abs(amount), currency))


def count(amount: float) -> str:
    """A number of units, e.g. `41.4 M` or `12,345`; where there is no end to it `no limit`."""
    if amount == math.inf:
        return NO_LIMIT
    return NONE if math.isnan(amount) else ("−" if amount < 0 else "") + _scaled(abs(amount))


def count_change(amount: float) -> str:
    """A change of a number of units with its sign, e.g. `+41.4 M` or `−12,345`."""
    return _signed(amount, count(abs(amount)))


def percent(share: float, digits: int = 1) -> str:
    """A share as a percentage, e.g. `92.2 %`."""
    return NONE if math.isnan(share) else f"{100 * share:.{digits}f} %".replace("-", "−")


def nearly(share: float) -> str:
    """A share in whole per cent; one that is not all is not written as 100 %, and one that is something not as 0 %."""
    return percent(share, 1 if 0.995 <= share < 1 - 5e-4 or 0 < share < 0.005 else 0)


def correlation(rank: float) -> str:
    """A correlation with its sign, e.g. `+0.25`; one that is not whole is not written as 1."""
    return f"{rank:+.{3 if 0.995 <= abs(rank) < 1 - 5e-4 else 2}f}".replace("-", "−")


def points(change: float) -> str:
    """A change of a share in percentage points, e.g. `−4.5 pp`."""
    return _signed(change, f"{100 * abs(change):.1f} pp")


def joined(parts: Sequence[str], last: str = "and", most: int | None = None) -> str:
    """Parts as a list in a sentence: `a`, `a and b`, `a, b and c`; of many `a, b, c and 5 more`.

    Args:
        parts: what is listed.
        last: the word before the last one.
        most: how many are listed at most, the words `5 more` counted as one; None for all.
    """
    if most is not None and len(parts) > most:
        parts, last = [*parts[: most - 1], f"{len(parts) - most + 1:,} more"], "and"
    return f" {last} ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def first_of(parts: Sequence[str], most: int, between: str = ", ") -> str:
    """The first parts of a list, and how many more there are: `a, b and 5 more`."""
    more = f" and {len(parts) - most:,} more" if len(parts) > most else ""
    return between.join(parts[:most]) + more


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 site`, `3 sites`."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def power_of_ten(figure: float) -> str:
    """The power of ten just above a small figure, e.g. `1e-08` for 3e-9; `1e-12` where it is smaller still."""
    return f"1e{max(math.floor(math.log10(figure)) + 1, -12) if figure > 0 else -12:03d}"


def _signed(amount: float, size: str) -> str:
    if math.isnan(amount):
        return NONE
    if amount == 0:
        return "±0"
    return f"{'+' if amount > 0 else '−'}{size}"


def _scaled(amount: float) -> str:
    for scale, word in _SCALES:
        if amount >= scale * 0.9995:
            return f"{amount / scale:,.{2 if word == 'trn' else 1}f} {word}"
    if amount >= 1000:
        return f"{amount:,.0f}"
    return f"{amount:.4g}"
