"""What lanes between regions cost: the network of generated instances whose lanes join every region to every other.

`python tests/benchmarks/wide_lanes.py [SITES ...]` builds each with one site standing for others through which an item
only passes (network/passing.py), and with every way; in a process of its own each, because of the peak of memory.
"""

import multiprocessing
import resource
import sys
import time

from generator import REGIONS, Size, generated

import planner
from planner.network import build_network

MOST = 80  # sites up to which every way is tried


def wide(sites):
    """The instance with that many sites, six products and eight quarters; each pair of regions is one row of lanes."""
    mapping = generated(Size(sites, 6, 6, 8))
    lanes = [
        {"from": f"region:{start}", "to": f"region:{end}", "unit_cost": 2 if start == end else 9}
        for start in REGIONS
        for end in REGIONS
    ]
    return {**mapping, "lanes": lanes}


def measured(sites, every_way, results):
    """Seconds of the processor, departures, and peak memory in MB of one network."""
    instance = planner.load_instance(wide(sites))
    before = time.process_time()
    network = build_network(instance, every_way=every_way)
    seconds = time.process_time() - before
    results.put((seconds, len(network.ship), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def main():
    print(f"{'sites':>5}  {'':>12}  {'departures':>10}  {'cpu s':>6}  {'MB':>6}")
    for sites in map(int, sys.argv[1:] or (40, 80, 160, 300)):
        for name, every_way in (("one for all", False), ("every way", True)):
            if every_way and sites > MOST:
                continue
            context = multiprocessing.get_context("spawn")
            results = context.Queue()
            child = context.Process(target=measured, args=(sites, every_way, results))
            child.start()
            seconds, count, memory = results.get()
            child.join()
            print(f"{sites:>5}  {name:>12}  {count:>10,}  {seconds:>6.2f}  {memory:>6.0f}", flush=True)


if __name__ == "__main__":
    main()
