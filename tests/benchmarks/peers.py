"""How does the planner compare with modelling libraries on one and the same linear program? Run by hand.

    .venv/bin/pip install linopy pyomo pypsa
    .venv/bin/python tests/benchmarks/peers.py [--columns 10000 100000 500000] [--whatifs 200] [--patience 20] [--only NAME ...]

The problem (peer_problem.py: three stages of sourcing, with lanes, stock, capacities and shares of regions) is written
in bare arrays for highspy, PuLP, Pyomo, linopy, PyPSA and for the planner (peer_models.py), each in a process of its
own that begins with the tables and ends with the answer read back: seconds, seconds of the processor, peak memory. HiGHS
has one thread and the same algorithm in all. Then what-ifs: the capacity of one site after another. Every least cost
must be the same to 1e-6, else the command fails. The planner's answers are certified, made unique, and have shadow prices;
those of the others are what HiGHS says. Where what-ifs take long, fewer are asked; the table says how many.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time

from peer_models import PEERS
from peer_problem import SIZES, tables, whatif

SAME = 1e-6
PATIENCE = 20.0  # seconds of the processor, after which no further what-if is asked of a library
ONE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def peak() -> float:
    """Peak memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def child(name: str, columns: int, whatifs: int, patience: float) -> dict[str, object]:
    """What one library takes; run in a process of its own."""
    given = tables(SIZES[columns])
    loaded = warmed(name)
    begun, used = time.perf_counter(), time.process_time()
    peer = PEERS[name](given)
    built = time.process_time()
    costs = [peer.solve()]
    found: dict[str, object] = {
        "build": built - used,
        "solve": time.process_time() - built,
        "clock": time.perf_counter() - begun,
        "memory": peak(),
        "loaded": loaded,
        "columns": given.columns,
        "parts": getattr(peer, "seconds", {}),
        "anew": peer.anew,
    }
    room = dict(peer.room)
    started = time.process_time()
    while len(costs) <= whatifs and time.process_time() - started < patience:
        site, factor = whatif(len(costs) - 1, given)
        peer.capacity(site, factor * room[site])
        costs.append(peer.solve())
        peer.restore(site, room[site])
    found["whatif"] = (time.process_time() - started) / max(len(costs) - 1, 1)
    found["costs"] = costs
    return found


def warmed(name: str) -> float:
    """Load a library by a tiny model, and return the memory that this takes, in MB."""
    from peer_problem import Size

    PEERS[name](tables(Size(4, 3, 2, 2))).solve()
    return peak()


def measured(name: str, columns: int, whatifs: int, patience: float) -> dict[str, object] | None:
    """The figures of a library, from a child; None where it is not installed."""
    words = [sys.executable, __file__, "--child", name, "--columns", str(columns), "--whatifs", str(whatifs)]
    words += ["--patience", str(patience)]
    done = subprocess.run(words, env={**os.environ, **ONE}, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{name}: {done.stderr.strip().splitlines()[-1]}", flush=True)
        return None
    found: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def apart(ours: list[float], theirs: list[float]) -> float:
    """The largest relative difference of the least costs that both have."""
    return max(abs(one - other) / (1 + abs(other)) for one, other in zip(ours, theirs, strict=False))


def main() -> None:
    """Print a table for each size; end with an error where least costs differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--columns", type=int, nargs="+", default=list(SIZES), choices=list(SIZES))
    parser.add_argument("--whatifs", type=int, default=200)
    parser.add_argument("--only", nargs="+", default=list(PEERS), choices=list(PEERS))
    parser.add_argument("--patience", type=float, default=PATIENCE)
    parser.add_argument("--child", choices=list(PEERS))
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(child(asked.child, asked.columns[0], asked.whatifs, asked.patience)))
        return
    differing = []
    for columns in asked.columns:
        found = {name: measured(name, columns, asked.whatifs, asked.patience) for name in asked.only}
        known = {name: part for name, part in found.items() if part}
        base = next(iter(known.values()))
        whole = base["build"] + base["solve"]
        print(f"{base['columns']:,} columns, least cost {base['costs'][0]:.12g}; seconds of the processor", flush=True)
        heads = (*("build", "solve", "total", "ratio", "MB"), *(("what-if", "ratio", "asked") if asked.whatifs else ()))
        print(f"{'':10}" + "".join(f"{head:>9}" for head in heads) + "   least costs differ by")
        for name, part in known.items():
            total = part["build"] + part["solve"]
            line = f"{name:10}{part['build']:9.2f}{part['solve']:9.2f}{total:9.2f}{total / whole:9.2f}"
            line += f"{part['memory'] - part['loaded']:9.0f}"
            if asked.whatifs:
                line += f"{part['whatif']:9.3f}{part['whatif'] / base['whatif']:9.2f}{len(part['costs']) - 1:9}"
            differ = apart(part["costs"], base["costs"])
            differing += [name] if not differ <= SAME else []
            print(f"{line}   {differ:.0e}{'; what-ifs are built anew' if part['anew'] else ''}", flush=True)
        if known.get("planner"):
            print("planner: " + ", ".join(f"{name} {part:.2f}" for name, part in known["planner"]["parts"].items()))
    if differing:
        raise SystemExit(f"The least costs differ: {', '.join(differing)}.")


if __name__ == "__main__":
    main()
