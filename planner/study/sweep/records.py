"""The records of sweep.yaml: policies, scenarios, and factors with the distributions of their figures."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from planner.errors import nearest
from planner.instance.changes.catalogue import CHANGES
from planner.instance.changes.change import Change, Deviation, Fading
from planner.instance.changes.where import Where
from planner.instance.fields import Amount, Count, Id, Number, PositiveAmount, Text, Window, column, refuse
from planner.instance.parts import Part

Mode = Literal["grid", "sample", "sobol", "morris"]
Figures = tuple[Number, ...]

DEVIATIONS = tuple(word for word, kind in CHANGES.items() if issubclass(kind, Deviation))
CHANGE_FIGURES = ("factor", "set", "add")
LIMIT_FIGURES = ("max_share", "min_free")
MOST_RUNS = 100_000
ASKED = ("run", "policy", "scenario")  # columns of the runs: what is asked,
ANSWERED = ("status", "objective", "margin", "delivered", "late", "lost", "fill_rate")  # what is answered,
BESIDE = ("seconds", "reason")  # and what else there is to say
FIXED_COLUMNS = (*ASKED, *ANSWERED, *BESIDE)
MEASURED = ("exposure_", "touched_")  # how columns of the runs begin that depend on the instance
BESIDE_A_KIND = ("weights",)  # of a distribution: no kind by itself
A_DISTRIBUTION = "{uniform: [0.4, 1.0]}"
EXTRA_DRAWS: dict[Mode, int] = {"sobol": 2, "morris": 1}  # draws of a group beside one a factor
LEAST_GROUPS = 2  # from one, nothing can be said of others


class Normal(Part):
    """A normal distribution, cut off below `low` and above `high`."""

    mean: Number = column("mean before it is cut off", example="1.0")
    sd: PositiveAmount = column("standard deviation before it is cut off", example="0.15")
    low: Number | None = column("nothing below this; empty = no bound", default=None)
    high: Number | None = column("nothing above this; empty = no bound", default=None)

    @model_validator(mode="after")
    def _ordered(self) -> Normal:
        """Refuse bounds that leave nothing between them, or nothing that ever happens."""
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise refuse(f"low {self.low:.15g} is not below high {self.high:.15g}.", "Give low and high in order.")
        far = 6 * self.sd
        if (self.low is not None and self.low > self.mean + far) or (
            self.high is not None and self.high < self.mean - far
        ):
            raise refuse("low and high leave only what never happens.", "Give bounds near the mean.")
        return self


class Lognormal(Part):
    """A lognormal distribution, by the mean and standard deviation of the figure itself, not of its logarithm."""

    mean: PositiveAmount = column("mean of the figure", example="1.0")
    sd: PositiveAmount = column("standard deviation of the figure", example="0.2")


class Distribution(Part):
    """What a figure is drawn from: exactly one kind."""

    uniform: Figures | None = column("low and high", example="[0.4, 1.0]", default=None)
    normal: Normal | None = column("mean and sd, with low and high", example="{mean: 1.0, sd: 0.15}", default=None)
    triangular: Figures | None = column("low, mode and high", example="[0.5, 0.9, 1.0]", default=None)
    lognormal: Lognormal | None = column("mean and sd", example="{mean: 1.0, sd: 0.2}", default=None)
    choice: Figures | None = column("one of these, by weights", example="[0.5, 1.0]", default=None)
    weights: tuple[Amount, ...] | None = column("of choice; empty = all alike", example="[1, 3]", default=None)
    grid: Figures | None = column(
        "each of these in a grid; any of them in a sample", example="[0.5, 0.6]", default=None
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Distribution:
        """Refuse anything but one kind, with as many figures as it takes, in order."""
        listing = [name for name in type(self).model_fields if name not in BESIDE_A_KIND]
        kinds = [name for name in listing if getattr(self, name) is not None]
        if len(kinds) != 1:
            raise refuse("A figure is drawn from exactly one distribution.", f"Give one of {', '.join(listing)}.")
        for name, count, words in (("uniform", 2, "low and high"), ("triangular", 3, "low, mode and high")):
            figures = getattr(self, name)
            if figures is not None and (len(figures) != count or list(figures) != sorted(figures)):
                raise refuse(f"{name} takes {words}, in this order.", f"Write {count} figures that do not fall.", name)
            if figures is not None and figures[0] == figures[-1]:
                raise refuse(f"{name} has only one figure in it.", "Let high be above low, or use grid.", name)
        listed = self.choice if self.grid is None else self.grid
        if listed is not None and (not listed or len(set(listed)) < len(listed)):
            what = "is empty" if not listed else "has a figure twice"
            raise refuse(f"{kinds[0]} {what}.", "List each figure once; weights say how often.", kinds[0])
        if self.weights is not None and (self.choice is None or len(self.weights) != len(self.choice)):
            raise refuse("weights are for choice, one for each of its figures.", "Give as many weights.", "weights")
        if self.weights is not None and not sum(self.weights) > 0:
            raise refuse("All weights are 0.", "Give a weight above 0 to what can happen.", "weights")
        return self

    @property
    def listed(self) -> Figures | None:
        """The figures of a grid or choice, as they are given; None for other kinds."""
        return self.grid if self.grid is not None else self.choice

    @property
    def range(self) -> tuple[float | None, float | None]:
        """The least and the largest figure that can be drawn; None for no bound."""
        figures = self.listed or self.uniform or self.triangular
        if figures is not None:
            return min(figures), max(figures)
        return (0.0, None) if self.normal is None else (self.normal.low, self.normal.high)


class Factor(Part):
    """A figure that is drawn anew for each draw: of a change, as in a scenario, or the share of a limit."""

    name: Id = column("name, unique within the sweep; a column of the runs", example="cowos")
    change: Text | None = column("type of the change", example="capacity", default=None)
    where: Where | None = column("what is selected, as in a scenario", example="{region: TW}", default=None)
    period: Window | None = column("periods of the change, as in a scenario", default=None)
    recovery: Fading | None = column("periods over which the change fades away", "periods", default=None)
    factor: Distribution | None = column("what the figure is multiplied by", example=A_DISTRIBUTION, default=None)
    set: Distribution | None = column("what the figure becomes", example=A_DISTRIBUTION, default=None)
    add: Distribution | None = column("what is added to the figure", example=A_DISTRIBUTION, default=None)
    limit: Id | None = column("a limit of the policies", example="packaging-taiwan", default=None)
    max_share: Distribution | None = column("largest share of the limit", example=A_DISTRIBUTION, default=None)
    min_free: Distribution | None = column("least free share of the limit", example=A_DISTRIBUTION, default=None)

    @model_validator(mode="after")
    def _consistent(self) -> Factor:
        """Refuse a factor that is neither a change with one figure nor a limit with one share."""
        taken = self.name in FIXED_COLUMNS or self.name.startswith(MEASURED)
        if taken:
            raise refuse(f"The runs have a column {self.name} of their own.", "Name the factor otherwise.", "name")
        if (self.change is None) == (self.limit is None):
            raise refuse("A factor has a change or a limit.", "Give exactly one of the two.")
        wanted, other = (CHANGE_FIGURES, LIMIT_FIGURES) if self.limit is None else (LIMIT_FIGURES, CHANGE_FIGURES)
        what = "change" if self.limit is None else "limit"
        strange = [*other, *(("where", "period", "recovery") if self.limit is not None else ())]
        found = [name for name in strange if getattr(self, name) is not None]
        if found:
            raise refuse(f"A factor of a {what} has no {found[0]}.", f"Remove it, or use {wanted[0]}.", found[0])
        if sum(getattr(self, name) is not None for name in wanted) != 1:
            remedy = f"Give exactly one of {', '.join(wanted)}, e.g. {wanted[0]}: {A_DISTRIBUTION}."
            raise refuse(f"A factor of a {what} has one figure that is drawn.", remedy)
        if self.change is not None and self.change not in DEVIATIONS:
            if self.change in CHANGES:
                remedy = "Let it stand in a scenario, or draw the factor of a capacity change."
                raise refuse(f"The change {self.change} has no figure that could be drawn.", remedy, "change")
            raise refuse(f"change cannot be '{self.change}'.", nearest(self.change[:80], DEVIATIONS), "change")
        low, high = self.distribution.range
        least, most = (0.0, 1.0) if self.limit is not None else (0.0, None) if self.factor is not None else (None, None)
        if (least is not None and (low is None or low < least)) or (most is not None and (high is None or high > most)):
            bounds = "0 to 1" if most is not None else "0 on"
            remedy = f"Let low and high keep it within {bounds}; a normal distribution needs them."
            raise refuse(f"{self.figure} can be drawn outside of {bounds}.", remedy, self.figure)
        return self

    @property
    def figure(self) -> str:
        """The field whose figure is drawn."""
        return next(name for name in (*CHANGE_FIGURES, *LIMIT_FIGURES) if getattr(self, name) is not None)

    @property
    def without_effect(self) -> float | None:
        """The figure of a change that leaves everything as it is; None where none does for certain."""
        return {"factor": 1.0, "add": 0.0}.get(self.figure)

    @property
    def distribution(self) -> Distribution:
        """What its figure is drawn from."""
        found: Distribution = getattr(self, self.figure)
        return found

    def change_to(self, figure: float) -> Change:
        """The change with a figure that was drawn.

        Raises:
            InstanceError: this kind of change cannot be so.
        """
        own = {"where": self.where, "period": self.period, "recovery": self.recovery}
        given: dict[str, Any] = {name: value for name, value in own.items() if value is not None}
        return CHANGES[str(self.change)].model_validate({"change": self.change, **given, self.figure: figure})


class Correlation(Part):
    """The rank correlation of two factors."""

    between: tuple[Id, ...] = column("two factors", example="[cowos, demand]")
    rank: Number = column("rank correlation (Spearman), between -1 and 1", example="-0.3")

    @model_validator(mode="after")
    def _of_two(self) -> Correlation:
        """Refuse anything but two different factors and a correlation that two random figures can have."""
        if len(self.between) != 2 or self.between[0] == self.between[1]:
            raise refuse("A correlation is between two different factors.", "Name two factors.", "between")
        if not -1 < self.rank < 1:
            remedy = "Give a figure between -1 and 1; figures that move as one are one factor."
            raise refuse(f"{self.rank:.15g} is no correlation of two random figures.", remedy, "rank")
        return self


class SweepQuestion(Part):
    """A sweep as sweep.yaml asks for it: policies, scenarios, and how the factors are drawn."""

    name: Id = column("id of the sweep", example="packaging-and-demand")
    title: Text = column("one line for people", default="")
    policies: tuple[Id | None, ...] = column("policies; null is none", example="[diversified]", default=(None,))
    scenarios: tuple[Id | None, ...] = column("scenarios; null is none", example="[null, growth]", default=(None,))
    mode: Mode = column(
        "grid: every combination; sample: a Latin hypercube; sobol, morris: draws for SALib to tell what drives what",
        default="sample",
    )
    samples: Count | None = column(
        "how many draws of a sample; for sobol how many groups of as many draws as factors and two more, a power of 2; "
        "for morris of as many as factors and one more",
        "draws",
        example="2000",
        default=None,
    )
    seed: Count | None = column("where the random numbers of a sample begin", example="7", default=None)
    factors: tuple[Factor, ...] = column(
        "what is drawn", example="[{name: growth, change: demand, factor: {uniform: [0.9, 1.2]}}]"
    )
    correlations: tuple[Correlation, ...] = Field(
        default=(), description="rank correlations in a sample", examples=["[{between: [a, b], rank: -0.3}]"]
    )

    @model_validator(mode="after")
    def _consistent(self) -> SweepQuestion:
        """Refuse what does not fit the mode, names that stand twice, and far too many runs."""
        if not self.factors:
            raise refuse("A sweep without factors draws nothing.", "Give at least one.", "factors")
        for what, names in (
            ("policies", self.policies),
            ("scenarios", self.scenarios),
            ("factors", [factor.name for factor in self.factors]),
        ):
            if not names:
                raise refuse(f"{what} is empty.", "Name at least one, or leave it out.", what)
            twice = [name for name in names if list(names).count(name) > 1]
            if twice:
                raise refuse(f"{what} has {twice[0] or 'null'} twice.", "Keep one of the two.", what)
        if self.mode == "grid":
            self._grid()
        elif not self.samples:
            raise refuse("A sample has a number of draws above 0.", "Give samples, e.g. 200.", "samples")
        elif self.mode in EXTRA_DRAWS:
            self._groups(self.samples)
        if self.runs > MOST_RUNS:
            remedy = f"Ask for at most {MOST_RUNS:,}: fewer draws, policies or scenarios."
            raise refuse(f"That is {self.runs:,} runs.", remedy)
        return self

    def _grid(self) -> None:
        """Refuse what only a sample has."""
        for name in ("samples", "seed", "correlations"):
            if getattr(self, name) not in (None, ()):
                raise refuse(f"A grid has no {name}.", "Remove it, or use mode: sample.", name)
        for number, factor in enumerate(self.factors):
            if factor.distribution.grid is None:
                where = f"factors.{number}.{factor.figure}"
                remedy = "Write {grid: [0.8, 1.0]}, or use mode: sample."
                raise refuse(f"In a grid {factor.name} needs the figures it takes.", remedy, where)

    def _groups(self, groups: int) -> None:
        """Refuse what indices cannot be told from: factors that hang together, few groups, ranges without an end."""
        if self.correlations:
            remedy = "Remove them, or use mode: sample."
            raise refuse(f"mode: {self.mode} takes factors that are independent.", remedy, "correlations")
        if groups < LEAST_GROUPS or (self.mode == "sobol" and groups & (groups - 1)):
            what = "a power of 2, e.g. 64" if self.mode == "sobol" else "at least 2, e.g. 20"
            raise refuse(f"The samples of mode: {self.mode} are groups of draws.", f"Give {what}.", "samples")
        for number, factor in enumerate(self.factors):
            drawn = factor.distribution
            low, high = (0.0, None) if drawn.lognormal is not None else drawn.range
            if self.mode == "morris" and (low is None or high is None):
                where = f"factors.{number}.{factor.figure}"
                remedy = "Give a normal distribution low and high, or write {uniform: [0.8, 1.2]}."
                raise refuse(f"mode: morris goes from end to end, and {factor.name} has no ends.", remedy, where)

    @property
    def draws(self) -> int:
        """How many draws there are."""
        if self.mode in EXTRA_DRAWS:
            return (self.samples or 0) * (len(self.factors) + EXTRA_DRAWS[self.mode])
        if self.mode == "sample":
            return self.samples or 0
        count = 1
        for factor in self.factors:
            count *= len(factor.distribution.grid or ())
        return count

    @property
    def runs(self) -> int:
        """How many runs there are: policies times scenarios times draws."""
        return self.draws * len(self.policies) * len(self.scenarios)
