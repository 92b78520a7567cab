"""The bases of all changes: `Change` (a selector and a window) and `Deviation` (a change of a figure)."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, get_args

from pydantic import BeforeValidator, model_validator

from planner.instance.changes.where import Where
from planner.instance.fields import Accepted, Number, Window, column, read_count, refuse
from planner.instance.parts import Part
from planner.instance.periods import LONGEST_HORIZON

if TYPE_CHECKING:
    from planner.instance.instance import Instance
    from planner.instance.selecting import Records, Universe


def _fading(value: Any) -> int:
    periods = read_count(value)
    if periods > LONGEST_HORIZON:
        raise refuse(
            f"{periods} is more than the {LONGEST_HORIZON} periods that can be planned.",
            f"Give a number from 0 to {LONGEST_HORIZON}.",
        )
    return periods


Fading = Annotated[int, BeforeValidator(_fading), Accepted(f"a whole number from 0 to {LONGEST_HORIZON}", "2")]


class RefusedError(Exception):
    """A change cannot be applied, for example because a figure leaves its range; with what to do instead."""

    def __init__(self, message: str, remedy: str) -> None:
        self.message, self.remedy = message, remedy
        super().__init__(message)


class Change(Part):
    """What happens to some rows over a window: a kind says what it selects, applies itself, and knows whom it strikes.

    Attributes:
        selects: the keys that `where` can name.
        figures: what it takes beside selector and window, for people.
        example: one of it, as a file has it.
    """

    where: Where = column("what is selected; nothing given = everything", example="{region: TW}", default=Where())
    period: Window = column("periods of the window", default="*")
    recovery: Fading = column("periods after the window over which it fades away, linearly", "periods", default=0)

    selects: ClassVar[tuple[str, ...]] = ()
    figures: ClassVar[str] = "no figure"
    example: ClassVar[str] = ""

    @model_validator(mode="after")
    def _known_keys(self) -> Self:
        """Refuse keys of `where` that this kind of change cannot select by."""
        wrong = [key for key in self.where.given if key not in self.selects]
        if wrong:
            raise refuse(
                f"where cannot name {wrong[0]} in a {getattr(self, 'change', '')} change.",
                f"It can name {', '.join(self.selects)}." if self.selects else "Remove it.",
                f"where.{wrong[0]}",
            )
        return self

    @classmethod
    def word(cls) -> str:
        """The word that names this kind of change in files, e.g. `outage`."""
        return str(get_args(cls.model_fields["change"].annotation)[0])

    @abstractmethod
    def finds(self, universe: Universe, records: Records) -> bool:
        """Whether the selector matches any row that this kind of change can change.

        Args:
            universe: the ids that exist.
            records: the rows of each table by its name.

        Raises:
            KeyError: a row names an id that does not exist.
        """

    @abstractmethod
    def apply(self, instance: Instance) -> Instance:
        """The instance with the change applied.

        Raises:
            RefusedError: a figure leaves its range, or what is asked for cannot be.
        """

    def sites_struck(self, instance: Instance) -> frozenset[str]:  # noqa: ARG002
        """The sites that it strikes: where the processes, lines or yields that it selects are, or its lanes start."""
        return frozenset()

    @property
    def takes_capacity(self) -> bool:
        """Whether it reduces capacity, whatever the instance is."""
        return False

    @property
    def takes_all(self) -> bool:
        """Whether it leaves no capacity at all of what it selects."""
        return False

    @property
    def duty(self) -> tuple[str, float] | None:
        """Its figure by name, where that is a duty rate or is added to one; None where it is none."""
        return None

    @property
    def remedy(self) -> str:
        """What to do where the selector means nothing, though each of its values exists."""
        return "Each of the values exists, but not together: leave out a key, or name other values."


class Deviation(Change):
    """A change of a figure: times a factor, set to a value, or plus an amount."""

    factor: Number | None = column("the figure is multiplied by this", default=None)
    set: Number | None = column("the figure becomes this", default=None)
    add: Number | None = column("this is added to the figure", default=None)

    figures: ClassVar[str] = "factor, set or add"

    @model_validator(mode="after")
    def _one_deviation(self) -> Deviation:
        """Refuse a change without exactly one of factor, set and add, or with a negative factor."""
        if sum(value is not None for value in (self.factor, self.set, self.add)) != 1:
            raise refuse("A change has exactly one of factor, set and add.", "Give one of the three.")
        if self.factor is not None and self.factor < 0:
            raise refuse(f"The factor {self.factor:.15g} is negative.", "Give a factor of 0 or more.", "factor")
        return self

    def figure(self, base: float, part: float = 1.0) -> float:
        """The figure that `base` becomes, with `part` (0-1) of the deviation in force."""
        if self.factor is not None:
            target = base * self.factor
        elif self.set is not None:
            target = self.set
        else:
            target = base + (self.add or 0.0)
        return base + (target - base) * part if part < 1 else target
