"""python -m tests.oracle INSTANCE [--policy P] [--scenario S]: the planner's least cost beside that of the oracle."""

import argparse
import sys
import time

from . import answer, files


def planners(path, policy, scenario):
    """(status, cost) by the planner."""
    import planner

    try:
        plan = planner.solve(planner.load_instance(path), policy, scenario)
    except planner.InfeasibleError:
        return "infeasible", None
    except planner.UnboundedError:
        return "unbounded", None
    return plan.status, plan.objective


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("instance")
    parser.add_argument("--policy", action="append")
    parser.add_argument("--scenario", action="append")
    parser.add_argument("--all", action="store_true", help="every policy with every scenario, and without")
    asked = parser.parse_args()
    mapping = files.read(asked.instance)
    policies, scenarios = asked.policy or [None], asked.scenario or [None]
    if asked.all:
        policies = [None, *(part["name"] for part in mapping["policies"])]
        scenarios = [None, *(part["name"] for part in mapping["scenarios"])]
    worst = 0.0
    for policy in policies:
        for scenario in scenarios:
            begun = time.process_time()
            own = answer.least_cost(mapping, policy, scenario)
            between = time.process_time()
            status, cost = planners(asked.instance, policy, scenario)
            if own.status != status:
                worst, off = float("inf"), float("inf")
            else:
                off = abs(own.cost - cost) / max(1.0, abs(cost)) if cost is not None else 0.0
                worst = max(worst, off)
            print(  # noqa: T201
                f"{policy or '-':16} {scenario or '-':28} oracle {own.status} {own.cost:.9g}  planner {status} "
                f"{cost if cost is None else format(cost, '.9g')}  relative {off:.1e}  "
                f"cpu s {between - begun:.1f} and {time.process_time() - between:.1f}",
                flush=True,
            )
    print(f"largest relative difference {worst:.1e}")  # noqa: T201
    return 0 if worst <= 1e-7 else 1


if __name__ == "__main__":
    sys.exit(main())
