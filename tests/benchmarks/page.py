"""How long does a change on the what-if page take? Run by hand, on a machine that does nothing else.

    .venv/bin/python tests/benchmarks/page.py [COUNT]

COUNT changes (40) of the shipped instance under `diversified`, one after another as a hand makes them: a limit's share,
capacity of a stage, of it in a region, orders, in turn. Each is asked for at the address that the page asks, through
the gate, and counts until the whole answer is there: sentence, cards, what binds, what moves. The pictures that follow
are counted beside. The cost of every tenth is compared with that of `planner.solve`.
"""

import re
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import numpy as np
from starlette.testclient import TestClient

import planner
from planner.cli.options import keep_text_plain
from planner.plan.plan import Plan
from planner.serve.app import Setting, application
from planner.serve.guards import Rate
from planner.serve.live import Planning
from planner.serve.view import View
from planner.serve.written import written
from planner.solve.threads import Pool

ROOT = Path(__file__).parents[2]
INSTANCE, POLICY, TOKEN, PORT = "instances/accelerators", "diversified", "measured", 8765
WITHIN = 1.0  # seconds, for 95 of 100 changes


def changes(count: int) -> list[str]:
    """Queries of the page, each one change away from the policy as written."""
    kinds = [
        lambda step: f"limit=packaging-taiwan-2026q3-2027q1:{62 + step:g}",
        lambda step: f"capacity=packaging:TW:{100 - 2 * step:g}",
        lambda step: f"demand=::{100 + step:g}",
        lambda step: f"capacity=memory::{100 + 5 * step:g}",
        lambda step: f"limit=wafer-taiwan-2026q2-2027q1:{76 + step:g}",
    ]
    return [f"policy={POLICY}&{kinds[at % len(kinds)](1 + at // len(kinds))}" for at in range(count)]


def timed(client: TestClient, where: str, query: str) -> tuple[float, float, str]:
    """Seconds of the clock and of the processor until an answer is there, and the answer."""
    clock, work = time.perf_counter(), time.process_time()
    answer = client.post(where, content=query, headers={"x-page": "benchmark"})
    answer.raise_for_status()
    return time.perf_counter() - clock, time.process_time() - work, answer.text


def said(name: str, seconds: list[float]) -> None:
    """The middle and the slow end of some times."""
    p50, p95 = np.percentile(seconds, [50, 95])
    print(f"{name:36} p50 {p50:6.2f} s   p95 {p95:6.2f} s   most {max(seconds):6.2f} s")


def main(count: int) -> int:
    """Ask for every change, and compare some."""
    keep_text_plain()
    instance = planner.load_instance(ROOT / INSTANCE)
    rate = Rate(now=iter(range(10**9)).__next__)  # a second between requests
    with Pool(1) as thread:
        app = application(Setting(instance, INSTANCE, POLICY, TOKEN, PORT), thread, lambda _: nullcontext(), rate)
        client = TestClient(app, base_url=f"http://127.0.0.1:{PORT}", headers={"origin": f"http://127.0.0.1:{PORT}"})
        client.cookies.set(f"planner-{PORT}", TOKEN, domain="127.0.0.1")
        first = timed(client, "/plan", f"policy={POLICY}")
        print(f"first answer: {first[0]:.1f} s, {first[1]:.1f} cpu-s, the baseline included")
        found = [(timed(client, "/plan", query), timed(client, "/pictures", query)) for query in changes(count)]
    said("a change, by the clock", [answer[0] for answer, _ in found])
    said("a change, by the processor", [answer[1] for answer, _ in found])
    said("its pictures after it, by the clock", [drawn[0] for _, drawn in found])
    wrong, planning = 0, Planning(instance)
    for query, (answer, _) in list(zip(changes(count), found, strict=True))[::10]:
        asked = written(instance, View.read(query))
        cost = planner.solve(instance, asked.policy, asked.scenario).objective
        live = planning.answer(View.read(query)).plan
        same = isinstance(live, Plan) and abs(live.objective / cost - 1) < 1e-9
        shown = re.search(r"<b>USD\s([\d.,]+)\sbn</b>", answer[2])
        wrong += not (same and shown and abs(float(shown[1].replace(",", "")) * 1e9 / cost - 1) < 1e-3)
    print(f"{wrong} answers differ from those of planner.solve")
    slow = np.percentile([answer[0] for answer, _ in found], 95) >= WITHIN
    print(f"95 of 100 changes {'take longer than' if slow else 'are there within'} {WITHIN:g} s")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 40))
