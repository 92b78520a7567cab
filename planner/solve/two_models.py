"""Re-solves of many cases by one model or two: HiGHS releases Python's lock, so that two threads halve the time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from planner.solve.resolver import Resolver
from planner.solve.threads import Pool


def map_cases[C, R](
    resolver: Resolver, cases: Sequence[C], work: Callable[[Resolver, C], R], *, threads: int = 1
) -> list[R]:
    """Apply `work` to each case, in order; two threads have a model each (HiGHS releases Python's lock).

    The answers do not depend on the number of threads, because no re-solve depends on another.
    """
    if threads < 2 or len(cases) < 2:
        return [work(resolver, case) for case in cases]
    pair = (resolver, resolver.twin())
    with Pool(2) as pool:
        halves = list(pool.map(lambda k: [work(pair[k], case) for case in cases[k::2]], (0, 1)))
    resolver.resolves += pair[1].resolves
    resolver.fallbacks += pair[1].fallbacks
    return [halves[number % 2][number // 2] for number in range(len(cases))]
