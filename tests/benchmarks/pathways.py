"""What does a pathway limit cost in size and time? Run by hand; ratios last, seconds do not.

    .venv/bin/python tests/benchmarks/pathways.py

The shipped instance under `end-to-end`, whose floors count what a unit has touched from wafer to test, and under the
same policy without its pathway limits; both in one process, one thread, the smaller first, after a solve to warm up.
"""

import time
from pathlib import Path

import planner
from planner.cli.options import keep_text_plain

ROOT = Path(__file__).parents[2]
PHASES = {"network": "network s", "build": "build s", "solve": "solve s", "tie_break": "tie-break s"}


def figures(instance: planner.Instance, policy: planner.Policy) -> dict[str, float]:
    """Size, seconds and cost of a solve."""
    begun = time.perf_counter()
    plan = planner.solve(instance, policy)
    total = time.perf_counter() - begun
    return {
        **{name: float(count) for name, count in plan.sizes.items()},
        **{name: plan.timings[phase] for phase, name in PHASES.items()},
        "total s": total,
        "cost": plan.objective,
    }


def main() -> None:
    """Print the two side by side."""
    instance = planner.load_instance(ROOT / "instances" / "accelerators")
    policy = instance.policy("end-to-end")
    without = policy.model_copy(update={"limits": tuple(row for row in policy.limits if row.measure != "pathway")})
    planner.solve(planner.load_instance(ROOT / "instances" / "canning"))
    smaller, larger = figures(instance, without), figures(instance, policy)
    print(f"{'':<12} {'without':>18} {'with':>18} {'ratio':>8}")
    for name, figure in smaller.items():
        shown = (f"{part:,.3f}" if name.endswith(" s") else f"{part:,.0f}" for part in (figure, larger[name]))
        print(f"{name:<12} " + " ".join(f"{text:>18}" for text in shown) + f" {larger[name] / figure:>8.3f}")


if __name__ == "__main__":
    keep_text_plain()
    main()
