"""The left side of the page: which choices, sliders and fields an instance has, and where a view has set them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from planner.errors import PlannerError
from planner.instance.applying import apply_scenario
from planner.instance.instance import Instance
from planner.instance.policy import Limit, Policy
from planner.instance.scenario import Scenario
from planner.report.names import Names
from planner.serve.view import View
from planner.serve.wishes import Group, groups_of
from planner.text.cases import NO_POLICY

LEAST, MOST = 0, 200  # per cent of a capacity or of orders
STEPS = (1.0, 0.5, 0.25, 0.1, 0.05, 0.01, 0.001, 1e-9)  # of sliders; a query has no more than nine decimals


@dataclass(frozen=True)
class Option:
    """A choice of a list."""

    value: str
    words: str
    chosen: bool


@dataclass(frozen=True)
class Slider:
    """A figure in per cent that can be moved.

    Attributes:
        name: of the field in a query.
        key: what stands before the figure in a query; "" for nothing.
        words: what it is.
        about: what it is as written.
        value, usual: where it is, and where it is as written.
        low, high: of the slider.
        widest: step that it has where both values allow it.
    """

    name: str
    key: str
    words: str
    about: str
    value: float
    usual: float
    low: float
    high: float
    widest: float = 1.0

    @property
    def id(self) -> str:
        """Id on the page."""
        return f"{self.name}-{self.key}".replace(":", "-").rstrip("-")

    @property
    def step(self) -> float:
        """The widest step that has both values on it: a browser moves a value that is not on a step to the next one."""
        fit = [step for step in STEPS if step <= self.widest and all(map(_on(step), (self.value, self.usual)))]
        return fit[0] if fit else STEPS[-1]

    @property
    def moved(self) -> bool:
        """Whether it is not as written."""
        return self.value != self.usual


@dataclass(frozen=True)
class Block:
    """A slider, and finer ones folded under it."""

    whole: Slider
    parts: tuple[Slider, ...]

    @property
    def open(self) -> bool:
        """Whether one of the finer ones is moved."""
        return any(part.moved for part in self.parts)


@dataclass(frozen=True)
class Choices:
    """What an instance lets be chosen: found once.

    Attributes:
        instance: as it is given.
    """

    instance: Instance

    @cached_property
    def names(self) -> Names:
        """What scenarios are called, each otherwise than all others."""
        return Names.of_instance(self.instance)

    @cached_property
    def capacity(self) -> dict[str, tuple[str, ...]]:
        """The stages whose capacity can be moved, with the regions in which it can."""
        sites = self.instance.region_of
        stages = self.instance.stage_of
        regions: dict[str, set[str]] = {}
        for row in self.instance.processes:
            if row.site in sites:
                regions.setdefault(stages.get(row.item, ""), set()).add(sites[row.site])
        found = {}
        for stage in self.instance.stages:
            if self._takes("capacity", {"stage": stage}):
                parts = sorted(regions.get(stage, ()))
                found[stage] = tuple(
                    part for part in parts if self._takes("capacity", {"stage": stage, "region": part})
                )
        return found

    @cached_property
    def orders(self) -> dict[str, tuple[str, ...]]:
        """The stages whose items are ordered, with the regions of their customers."""
        regions = {row.customer: row.region for row in self.instance.customers}
        stages = self.instance.stage_of
        found: dict[str, set[str]] = {}
        for row in self.instance.demand:
            found.setdefault(stages.get(row.item, ""), set()).add(regions.get(row.customer, ""))
        return {stage: tuple(sorted(found[stage])) for stage in self.instance.stages if stage in found}

    def _takes(self, change: str, where: dict[str, str]) -> bool:
        """Whether a change of some rows can be applied: they exist, and have a figure to be moved."""
        try:
            apply_scenario(
                self.instance,
                Scenario.model_validate({"name": "s", "changes": [{"change": change, "where": where, "factor": 0.5}]}),
            )
        except PlannerError:
            return False
        return True


@dataclass(frozen=True)
class Controls:
    """The controls of a view.

    Attributes:
        choices: of the instance.
        view: where they stand.
    """

    choices: Choices
    view: View

    @property
    def instance(self) -> Instance:
        """The instance as it is given."""
        return self.choices.instance

    @property
    def policies(self) -> list[Option]:
        """The policies that can be chosen."""
        return self._options([(row.name, row.name) for row in self.instance.policies], self.view.policy, NO_POLICY)

    @property
    def against(self) -> list[Option]:
        """The policies that the plan can be held against; "-" for the one that is chosen."""
        own = Option("-", "the chosen policy as written", self.view.against is None)
        named = [(row.name, row.name) for row in self.instance.policies]
        return [own, *self._options(named, self.view.against, NO_POLICY)]

    @property
    def scenarios(self) -> list[Option]:
        """The scenarios that can happen."""
        named = [(row.name, self.choices.names(row.name)) for row in self.instance.scenarios]
        return self._options(named, self.view.scenario, "nothing")

    @property
    def regions(self) -> list[tuple[str, str]]:
        """Regions with sites, and groups of regions: id and name."""
        making = sorted({site.region for site in self.instance.sites})
        named = self.instance.settings.region_name
        return [(name, named(name)) for name in (*making, *sorted(self.instance.region_groups))]

    def region_options(self, chosen: str, none: str) -> list[Option]:
        """The regions as choices."""
        return self._options(self.regions, chosen, none)

    def stage_options(self, chosen: str) -> list[Option]:
        """The stages as choices."""
        return self._options([(stage, stage) for stage in self.instance.stages], chosen, "every stage")

    def period_options(self, chosen: str) -> list[Option]:
        """The planned periods as choices; the first reported one where none is chosen."""
        labels = self.instance.periods.labels
        chosen = chosen or labels[self.instance.report_periods[0]]
        return [Option(label, label, label == chosen) for label in labels]

    @property
    def limits(self) -> list[Slider]:
        """The limits of the policy, those that move together as one."""
        policy = self.instance.policy(self.view.policy) if self.view.policy else None
        return [
            Slider(
                "limit",
                group.name,
                limit_words(self.instance, group),
                _as_written(group),
                self.view.limits.get(group.name, group.written),
                group.written,
                0,
                100,
                0.5,
            )
            for group in groups_of(policy, self.instance.periods)
        ]

    @property
    def capacity(self) -> list[Block]:
        """The capacity of each stage, and of it in each region."""
        return [
            Block(
                self._factor("capacity", stage, "", stage),
                tuple(self._factor("capacity", stage, region, self._region(region)) for region in regions),
            )
            for stage, regions in self.choices.capacity.items()
        ]

    @property
    def orders(self) -> list[Block]:
        """The orders of each stage's items, and of them in each region."""
        every = self.choices.orders
        return [
            Block(
                self._factor("demand", stage if len(every) > 1 else "", "", stage if len(every) > 1 else "all orders"),
                tuple(
                    self._factor("demand", stage if len(every) > 1 else "", region, self._region(region))
                    for region in (regions if len(regions) > 1 else ())
                ),
            )
            for stage, regions in every.items()
        ]

    @property
    def chances(self) -> list[Slider]:
        """The probability of each scenario."""
        return [
            Slider(
                "chance",
                row.name,
                self.choices.names(row.name),
                "",
                self.view.chances.get(row.name, round(100.0 * (row.probability or 0.0), 9)),
                round(100.0 * (row.probability or 0.0), 9),
                0,
                100,
                0.5,
            )
            for row in self.instance.scenarios
        ]

    def _factor(self, name: str, stage: str, region: str, words: str) -> Slider:
        factors = self.view.capacity if name == "capacity" else self.view.demand
        value = factors.get((stage, region), 100.0)
        return Slider(name, f"{stage}:{region}", words, "", value, 100.0, LEAST, max(MOST, value))

    def _region(self, region: str) -> str:
        return self.instance.settings.region_name(region)

    @staticmethod
    def _options(named: Iterable[tuple[str, str]], chosen: str | None, none: str) -> list[Option]:
        return [Option(value, words, value == chosen) for value, words in (("", none), *named)]


def _on(step: float) -> Callable[[float], bool]:
    return lambda value: abs(value / step - round(value / step)) <= 1e-9 * max(1.0, value / step)


def limit_words(instance: Instance, group: Group) -> str:
    """What a group of limits limits, e.g. `packaging: at most from Taiwan`."""
    limit = group.limits[-1]
    region = instance.settings.region_name(limit.of)
    of = f"any {limit.over}" if limit.of == "each" else region if limit.over == "region" else f"{limit.over} {limit.of}"
    items = f" ({', '.join(limit.items)})" if limit.items else ""
    if limit.stage:
        return f"{limit.stage}{items}: at most from {of}"
    units = f"finished units{items}"
    return f"{units} that touch {of}: at most" if limit.max_share is not None else f"{units} free of {of}: at least"


def limit_names(instance: Instance, policy: Policy | None) -> dict[str, str]:
    """What each limit of a policy limits, by its name."""
    groups = groups_of(policy, instance.periods)
    return {limit.name: limit_words(instance, group) for group in groups for limit in group.limits}


def _as_written(group: Group) -> str:
    """`written 87 → 76 %, 6 steps`, and for whom."""
    shares: Sequence[float] = group.shares
    customers = {name for limit in group.limits for name in limit.customers}
    steps = f"{shares[0]:g} → {shares[-1]:g} %" if len(shares) > 1 else f"{shares[0]:g} %"
    parts = [f"written {steps}"]
    parts += ["each step moves as much"] if len(shares) > 1 else []
    parts += [f"for {len(customers)} customers"] if len(customers) > 1 else [f"for {name}" for name in customers]
    parts += ["a missing unit costs money"] if any(_soft(limit) for limit in group.limits) else []
    return ", ".join(parts)


def _soft(limit: Limit) -> bool:
    return limit.soft_cost is not None
