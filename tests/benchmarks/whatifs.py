"""How much faster are live what-ifs than programs built anew? Run by hand; ratios last, seconds do not.

    .venv/bin/python tests/benchmarks/whatifs.py [COUNT]

COUNT what-ifs (200) of the shipped instance under `diversified`, of mixed kinds: costs, prices, demand, the capacity
of each site, outages, limits with other shares, and a few yields, which are built anew. Each is built anew and solved from cold, then re-solved live,
on one thread and on two; every pair of plans is compared. Apply, network, layout, compare, certify and tables hold
Python's lock, so that two threads share them; solve and tie-break are HiGHS, and run beside.
"""

import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import planner
from planner.cli.options import keep_text_plain
from planner.errors import PlannerError
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.plan.live_planning import Replanner
from planner.plan.plan import Plan
from planner.plan.planning import solve

ROOT = Path(__file__).parents[2]
SAME = 1e-6  # relative, of the figures of two plans
DECISIONS = (("production", "started"), ("shipments", "quantity"), ("stock", "quantity"), ("service", "delivered"))


def whatifs(instance: planner.Instance, policy: Policy, count: int) -> list[tuple[str, Policy, Scenario]]:
    """What-ifs of every kind in turn."""
    sites = sorted({row.site for row in instance.capacities})
    found = []
    for number in range(count):
        size = 0.9 + 0.02 * (number // 8 % 11)  # 0.90, 0.92, ... 1.10
        stage, site = instance.stages[number // 8 % len(instance.stages)], sites[number % len(sites)]
        capacity = {"change": "capacity", "where": {"site": site}, "factor": [0.0, 0.5, 0.8][number // 8 % 3]}
        kinds = [
            ("capacity", capacity),
            ("demand", {"change": "demand", "factor": size}),
            ("unit cost", {"change": "unit_cost", "where": {"stage": stage}, "factor": size + 0.005}),
            ("capacity", capacity),
            ("price", {"change": "price", "factor": size + 0.005}),
            ("shares", None),
            ("freight", {"change": "freight", "where": {"from_region": "TW"}, "factor": 2 * size}),
            ("outage", {"change": "outage", "where": {"site": site}, "period": "2027Q3..2027Q4"}),
        ]
        kind, change = kinds[number % 8]
        if number % 40 == 39:
            kind, change = "yield", {"change": "yield", "where": {"site": site}, "factor": 0.95}
        shares = number % len(policy.limits)
        limits = [
            limit.model_copy(update={"max_share": min(1.0, limit.max_share + 0.01)}) if k == shares else limit
            for k, limit in enumerate(policy.limits)
        ]
        other = policy if change else policy.model_copy(update={"limits": tuple(limits)})
        changes = [change] if change else []
        found.append((kind, other, Scenario.model_validate({"name": f"w{number}", "changes": changes})))
    return found


def attempt(ask, *args) -> Plan | str:
    """A plan, or the failure in words."""
    try:
        return ask(*args)
    except PlannerError as error:
        return type(error).__name__


def same(plan: Plan | str, other: Plan | str) -> bool:
    """Whether two answers agree: cost, and each kind of decision row by row."""
    if isinstance(plan, str) or isinstance(other, str):
        return plan == other
    if abs(plan.objective - other.objective) > SAME * (1 + abs(other.objective)):
        return False
    for name, figure in DECISIONS:
        ours, theirs = plan.tables[name], other.tables[name]
        if len(ours) != len(theirs):
            return False
        largest = float(theirs[figure].abs().max()) if len(theirs) else 0.0
        if len(ours) and not (ours[figure] - theirs[figure]).abs().max() <= SAME * (1 + largest):
            return False
    return True


class Taken(float):
    """Seconds that something took, with those of all processors (`cpu`), which a busy machine disturbs less."""

    cpu: float


def timed(work):
    """What `work` returns, and the seconds that it took."""
    begun, used = time.perf_counter(), time.process_time()
    found = work()
    taken = Taken(time.perf_counter() - begun)
    taken.cpu = time.process_time() - used
    return found, taken


def halves(pair: list[Replanner], asks: list) -> list:
    """The live plans of all, each second one on the other thread."""
    with ThreadPoolExecutor(2) as pool:
        parts = list(
            pool.map(lambda k: [attempt(pair[k].plan, view, other) for _, other, view in asks[k::2]], range(2))
        )
    return [parts[number % 2][number // 2] for number in range(len(asks))]


def parts_of(plans: list) -> Counter:
    """Seconds by phase of all plans."""
    total: Counter = Counter()
    for plan in plans:
        if isinstance(plan, Plan):
            total.update(plan.timings)
    return total


def print_parts(name: str, plans: list) -> None:
    """The share of each phase in the time of some plans."""
    total = parts_of(plans)
    whole = sum(total.values()) or 1.0
    print(f"{name}: " + ", ".join(f"{part} {100 * used / whole:.0f} %" for part, used in total.items() if used))


def main() -> None:
    """Print seconds, ratios, fallbacks, rebuild reasons and the share of each phase."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    instance = planner.load_instance(ROOT / "instances" / "accelerators")
    policy = instance.policy("diversified")
    asks = whatifs(instance, policy, count)
    base, started = timed(lambda: Replanner(instance, policy))
    live, one = timed(lambda: [attempt(base.plan, view, other) for _, other, view in asks])
    resolves, fallbacks = base.resolves, base.fallbacks
    twin, twinned = timed(base.twin)
    paired, two = timed(lambda: halves([base, twin], asks))
    cold, rebuilt = timed(lambda: [attempt(solve, instance, other, view) for _, other, view in asks])
    _, rebuilt_two = timed(lambda: rebuilt_by_two(instance, asks))
    print(f"{count} what-ifs: " + ", ".join(f"{n} {kind}" for kind, n in Counter(kind for kind, *_ in asks).items()))
    print(f"{'':32} {'seconds':>8} {'each':>7} {'cpu':>8}")
    for name, seconds in (
        ("built anew, one thread", rebuilt),
        ("built anew, two threads", rebuilt_two),
        ("live, one thread", one),
        ("live, two threads", two),
    ):
        print(f"{name:32} {seconds:8.1f} {seconds / count:7.2f} {seconds.cpu:8.1f}")
    print(f"baseline {started:.1f} s, a second model of it {twinned:.1f} s (not in the above)")
    print(f"live is {rebuilt / one:.2f} times as fast as built anew, {rebuilt_two / two:.2f} times on two threads")
    print(f"by processor time live is {rebuilt.cpu / one.cpu:.2f} times as fast as built anew on one thread")
    print(f"two threads are {one / two:.2f} times as fast as one live, {rebuilt / rebuilt_two:.2f} times built anew")
    print(f"live re-solves {resolves}, of which from cold {fallbacks}")
    reasons = Counter(plan.rebuilt.split(":")[0] or "live" if isinstance(plan, Plan) else plan for plan in live)
    print("how: " + ", ".join(f"{n} {reason}" for reason, n in reasons.items()))
    print_parts("live", [plan for plan in live if isinstance(plan, Plan) and not plan.rebuilt])
    print_parts("built anew", cold)
    differing = [ask[2].name for ask, ours, theirs in zip(asks, live, cold, strict=True) if not same(ours, theirs)]
    unlike = [ask[2].name for ask, ours, theirs in zip(asks, live, paired, strict=True) if not same(ours, theirs)]
    print(f"live plans unlike the rebuilt ones: {differing or 'none'}; unlike on two threads: {unlike or 'none'}")
    by_kind: dict[str, list[float]] = {}
    for (kind, *_), ours, theirs in zip(asks, live, cold, strict=True):
        if isinstance(ours, Plan) and isinstance(theirs, Plan):
            by_kind.setdefault(kind, []).append(sum(theirs.timings.values()) / sum(ours.timings.values()))
    for kind, ratios in by_kind.items():
        print(f"{kind:12} {sum(ratios) / len(ratios):6.2f} times as fast on average ({min(ratios):.2f} at least)")


def rebuilt_by_two(instance: planner.Instance, asks: list) -> list:
    """Every what-if built anew, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda ask: attempt(solve, instance, ask[1], ask[2]), asks))


if __name__ == "__main__":
    keep_text_plain()
    main()
