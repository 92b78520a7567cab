"""From a view to what is planned: a policy and scenarios. Pure functions; what a view cannot mean is refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from planner.errors import UsageError, nearest
from planner.instance.changes.capacity import CapacityChange
from planner.instance.changes.catalogue import AnyChange
from planner.instance.changes.demand import DemandChange
from planner.instance.changes.outage import OutageChange
from planner.instance.changes.where import Where
from planner.instance.instance import Instance
from planner.instance.periods import Periods
from planner.instance.policy import Limit, Policy, rules_of
from planner.instance.scenario import Scenario
from planner.serve.view import Outage, View
from planner.solve.start_bases import FAR, Place

NAME = "what-if"  # of a policy or scenario that the page makes


@dataclass(frozen=True)
class Group:
    """Limits that are one slider: alike but for their share, windows and customers.

    Attributes:
        limits: in order of their windows.
    """

    limits: tuple[Limit, ...]

    @property
    def name(self) -> str:
        """The name of the first of them, by which a view has the share."""
        return self.limits[0].name

    @property
    def shares(self) -> tuple[float, ...]:
        """What they are written as, in per cent; a figure that follows itself once."""
        found = [share_of(limit) for limit in self.limits]
        return tuple(share for at, share in enumerate(found) if at == 0 or share != found[at - 1])

    @property
    def written(self) -> float:
        """The share of the last of them, in per cent: the one that the slider moves."""
        return share_of(self.limits[-1])

    def moved(self, share: float) -> tuple[Limit, ...]:
        """The limits with the last at a share (per cent), the others moved by as many points, within 0 and 100."""
        shift = share - self.written
        return tuple(_with_share(limit, min(100.0, max(0.0, share_of(limit) + shift))) for limit in self.limits)


@dataclass(frozen=True)
class Wish:
    """What is planned for a view, with the instance as it is given.

    Attributes:
        policy: the policy, moved; None for none.
        moved: whether it is other than it is written.
        known: what is known from the first period; None for nothing.
        strike: what happens without warning; None for nothing.
    """

    policy: Policy | None
    moved: bool
    known: Scenario | None
    strike: Scenario | None


def share_of(limit: Limit) -> float:
    """The share of a limit, in per cent."""
    return round(100.0 * float(limit.max_share if limit.max_share is not None else limit.min_free or 0.0), 9)


def _with_share(limit: Limit, share: float) -> Limit:
    field = "max_share" if limit.max_share is not None else "min_free"
    return limit.model_copy(update={field: round(share / 100.0, 9)})


def groups_of(policy: Policy | None, periods: Periods) -> tuple[Group, ...]:
    """The limits of a policy in groups that move together, in the order in which the policy has them."""
    found: dict[object, list[Limit]] = defaultdict(list)
    for limit in rules_of(policy).limits:
        kind = "cap" if limit.max_share is not None else "floor"
        found[kind, limit.measure, limit.stage, limit.over, limit.of, limit.per, limit.weight, limit.items].append(
            limit
        )
    return tuple(
        Group(tuple(sorted(part, key=lambda limit: periods.window(limit.period).start))) for part in found.values()
    )


def policy_of(instance: Instance, view: View) -> Policy | None:
    """The policy of a view, its limits moved.

    Raises:
        UsageError: there is no such policy, or it has no such limit.
    """
    if not view.policy:
        if view.limits:
            raise UsageError("Without a policy there are no limits to move.")
        return None
    policy = instance.policy(view.policy)
    groups = {group.name: group for group in groups_of(policy, instance.periods)}
    moved: dict[str, Limit] = {}
    for name, share in view.limits.items():
        if name not in groups:
            raise UsageError(f"{policy.name} has no limit '{name}' to move. {nearest(name, groups)}")
        moved |= {limit.name: limit for limit in groups[name].moved(share)}
    limits = tuple(moved.get(limit.name, limit) for limit in policy.limits)
    if limits == policy.limits:
        return policy
    told = []
    for name, share in sorted(view.limits.items()):
        others = len(groups[name].limits) - 1
        told.append(f"{name}{f' and {others} more that move with it' if others else ''} at {share:g} %")
    title = f"{policy.name} with {', '.join(told)}"  # what its own title says may hold no longer
    used = any(row.policy == policy.name for row in instance.limits_used)  # by its name
    return policy.model_copy(update={"limits": limits, "name": policy.name if used else NAME, "title": title})


def wish_of(instance: Instance, view: View) -> Wish:
    """What a view asks for.

    Raises:
        UsageError: it names something that the instance does not have.
    """
    policy = policy_of(instance, view)
    written = instance.policy(view.policy) if view.policy else None
    factors = (*_capacities(view), *_orders(view))
    happens = instance.scenario(view.scenario) if view.scenario else None
    events: tuple[AnyChange, ...] = happens.changes if happens else ()
    events = (*events, *([outage_change(instance, view.outage)] if view.outage else []))
    known = factors if not view.warning else (*events, *factors)
    title = title_of(view)
    return Wish(
        policy,
        moved=policy != written,
        known=_scenario(instance, known, happens if view.warning and known == events else None, title),
        strike=None if view.warning else _scenario(instance, events, happens, title),
    )


def place_of(instance: Instance, view: View) -> Place:
    """Where a view lies among others of its policy: by what moved, how far it is from the policy as it is written.

    Raises:
        UsageError: there is no such policy.
    """
    policy = instance.policy(view.policy) if view.policy else None
    usual = {group.name: group.written for group in groups_of(policy, instance.periods)}
    events = [*([view.scenario] if view.scenario else []), *([repr(view.outage)] if view.outage else [])]
    return {
        **{f"limit {name}": (share - usual.get(name, share)) / 100.0 for name, share in view.limits.items()},
        **{f"capacity {of}": factor / 100.0 - 1.0 for of, factor in view.capacity.items()},
        **{f"demand {of}": factor / 100.0 - 1.0 for of, factor in view.demand.items()},
        **{f"happens {event}": FAR for event in events},
        **{f"repair {repair.written()}": FAR for repair in view.repairs},
    }


def _scenario(
    instance: Instance, changes: tuple[AnyChange, ...], happens: Scenario | None, title: str
) -> Scenario | None:
    """The scenario of some changes: the instance's own where they are just those."""
    if happens is not None and happens.changes == changes:
        return happens
    names = {scenario.name for scenario in instance.scenarios}
    name = NAME if NAME not in names else f"{NAME}-of-the-page"
    return Scenario(name=name, title=title, changes=changes) if changes else None


def _capacities(view: View) -> tuple[AnyChange, ...]:
    return tuple(
        CapacityChange(change="capacity", where=_where(stage, region), factor=factor / 100.0)
        for (stage, region), factor in sorted(view.capacity.items())
        if factor != 100.0
    )


def _orders(view: View) -> tuple[AnyChange, ...]:
    return tuple(
        DemandChange(change="demand", where=_where(stage, region), factor=factor / 100.0)
        for (stage, region), factor in sorted(view.demand.items())
        if factor != 100.0
    )


def _where(stage: str, region: str) -> Where:
    given = {"stage": (stage,)} if stage else {}
    return Where.model_validate({**given, **({"region": (region,)} if region else {})})


def outage_change(instance: Instance, outage: Outage) -> OutageChange:
    """The change that an outage is; one that would last beyond the plan ends with it.

    Raises:
        UsageError: its period, region or stage does not exist.
    """
    labels = instance.periods.labels
    known = {*instance.regions, *instance.region_groups}
    if outage.start not in labels:
        raise UsageError(f"There is no period '{outage.start}' to plan. {nearest(outage.start, labels)}")
    if outage.region not in known:
        raise UsageError(f"There is no region '{outage.region}'. {nearest(outage.region, sorted(known))}")
    if outage.stage and outage.stage not in instance.stages:
        raise UsageError(f"There is no stage '{outage.stage}'. {nearest(outage.stage, instance.stages)}")
    first = labels.index(outage.start)
    window = instance.periods.window_text(first, min(len(labels), first + outage.length) - 1)
    return OutageChange(change="outage", where=_where(outage.stage, outage.region), period=window)


def title_of(view: View, called: Callable[[str], str] = str) -> str:
    """What happens in a view, in a line.

    Args:
        view: the view.
        called: what a scenario or a region is called; ids without it.
    """
    parts = [called(view.scenario)] if view.scenario else []
    if view.outage:
        region = called(view.outage.region)
        what = f"{view.outage.stage} in {region}" if view.outage.stage else region
        periods = "1 period" if view.outage.length == 1 else f"{view.outage.length} periods"
        parts.append(f"{what} out from {view.outage.start} for {periods}")
    for word, factors in (("capacity", view.capacity), ("orders", view.demand)):
        for (stage, region), factor in sorted(factors.items()):
            if factor != 100.0:
                where = f"{stage or 'all'} {word}{f' in {called(region)}' if region else ''}"
                parts.append(f"{where} at {factor:g} %")
    return "; ".join(parts)
