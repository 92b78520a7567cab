"""A process is not the planner's alone: others print, and use HiGHS with other settings, before, after and beside."""

import ast
import threading
import time

import children
import highspy
import numpy as np
import pytest
import toys
from portions import portion
from sources import MODULES, PACKAGE, nodes

import planner
from planner.errors import SolverError
from planner.solve import highs_model as live
from planner.solve.threads import Pool, on_new_thread

# a neighbour's model, run with two threads, that says whether it was solved right
NEIGHBOUR = """
import highspy, numpy as np, threading, toys, planner

def neighbour(threads=2):
    highs = highspy.Highs()
    highs.setOptionValue("log_to_console", False)
    highs.setOptionValue("threads", threads)
    highs.addVars(2, np.zeros(2), np.full(2, 5.0))
    highs.changeColsCost(2, np.arange(2, dtype=np.int32), np.array([-1.0, -2.0]))
    highs.addRow(-np.inf, 6, 2, np.arange(2, dtype=np.int32), np.ones(2))
    again(highs)
    return highs

def again(highs):
    highs.clearSolver()
    status = highs.run()
    assert status == highspy.HighsStatus.kOk, status
    assert highs.getObjectiveValue() == -11, highs.getModelStatus()

def refused(threads):
    highs = highspy.Highs()
    highs.setOptionValue("log_to_console", False)
    highs.setOptionValue("threads", threads)
    highs.addVar(1, 2)
    return highs.run() == highspy.HighsStatus.kError

def plans():
    given = toys.two_plants()
    whole = toys.two_plants(expansions=[dict(option="o", site="east", period="*", capacity=5, fixed_cost=7)])
    found = [planner.solve(given).objective, planner.solve(whole).objective]
    try:
        planner.solve(toys.two_plants(demand=[dict(customer="shop", item="unit", quantity=9, must_serve=1)],
                                      capacities=[dict(site="east", capacity=1), dict(site="west", capacity=1)]))
    except planner.InfeasibleError as error:
        found.append(str(error))
    return found
"""


def of_child(body):
    done = children.python(NEIGHBOUR + body)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def alone():
    """What the planner finds where nobody else uses HiGHS."""
    return of_child("\nfor found in plans(): print(repr(found))")


def test_after_a_neighbour_and_the_neighbour_after(alone):
    body = """
first = neighbour()
assert refused(1), "this neighbour disturbs nobody, so that the test shows nothing"
for found in plans(): print(repr(found))
again(first)
neighbour()
"""
    found = of_child(body)
    assert [line for line in found if not line.startswith(("Running HiGHS", "Includes"))] == alone


def test_before_a_neighbour(alone):
    assert of_child("\nfor found in plans(): print(repr(found))\nneighbour(2)\nassert refused(3)") == alone


@pytest.mark.slow
def test_beside_a_neighbour(alone):
    body = """
over, wrong, count = threading.Event(), [], 0

def beside():
    global count
    try:
        own = neighbour()
        while not over.is_set():
            again(own)
            count += 1
    except BaseException as error:
        wrong.append(repr(error))

planner.solve(toys.two_plants())  # so that the banner is not the neighbour's
threads = [threading.Thread(target=beside) for _ in range(2)]
for thread in threads: thread.start()
for _ in range(3): found = plans()
over.set()
for thread in threads: thread.join()
assert not wrong, wrong
assert count > 10, count
for line in found: print(repr(line))
"""
    assert of_child(body) == alone


def test_a_failure_of_highs_is_said_in_its_words(monkeypatch):
    """Without a thread of its own HiGHS refuses; the message tells what it said, and what to try."""

    def fail():
        with pytest.raises(SystemExit) as left:
            refusing()
        said.append(left.value.code)

    def refusing():
        other = highspy.Highs()
        other.setOptionValue("log_to_console", False)
        other.setOptionValue("threads", 2)
        other.addVar(1, 2)
        other.run()
        try:
            planner.solve(toys.two_plants())
        except SolverError as error:
            raise SystemExit(str(error)) from None

    said = []
    monkeypatch.setattr(live, "on_new_thread", lambda _highs, work: work())
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    assert len(said) == 1
    for part in ("kError", "kNotset", "'threads' is set to 1", "--solver"):
        assert part in said[0], said[0]


def test_a_run_that_fails_does_not_pass_for_an_earlier_one(monkeypatch):
    model = live.HighsModel.of(planner.formulate(toys.two_plants()).problem)
    assert model.run() is live.Outcome.OPTIMAL
    monkeypatch.setattr(live, "on_new_thread", lambda _highs, _work: highspy.HighsStatus.kError)
    assert model.run() is live.Outcome.UNKNOWN


def test_the_interior_point_is_the_one_that_highs_carries():
    """Where somebody installed highspy-extras, "ipm" is another algorithm, which takes 2.5 times as long here."""
    model = live.HighsModel.of(planner.formulate(toys.two_plants()).problem)
    assert model.run(live.Algorithm.INTERIOR_POINT) is live.Outcome.OPTIMAL
    asked = {option: model.highs.getOptionValue(option)[1] for option in ("solver", "mip_ipm_solver")}
    assert asked == {"solver": "ipx", "mip_ipm_solver": "ipx"}


def test_models_are_made_in_one_place():
    """Also PuLP's way to make one is not used: it would print, and take the threads of whoever was first."""
    makers = {
        str(path.relative_to(PACKAGE))
        for path in MODULES
        for node in nodes(path)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"Highs", "createAndConfigureSolver"}
    }
    assert makers == {"solve/engine.py"}


def test_nothing_is_printed_by_the_library():
    code = "print('before', flush=True)\nimport planner, toys\nplanner.solve(toys.two_plants())\nprint('after')"
    done = children.python(code)
    assert (done.returncode, done.stdout, done.stderr) == (0, "before\nafter\n", "")


def test_what_other_threads_print_meanwhile_is_not_lost():
    """The moment is made long: whatever is written to descriptor 1 while the first model is made comes out after.

    Nothing is lost or said twice; a line of just then may overtake those that had to wait.
    """
    code = """
import os, threading, time, highspy
from planner.solve import engine
made = highspy.Highs

def slowly():
    highs = made()
    time.sleep(0.3)
    return highs

def write():
    for number in range(40):
        os.write(1, f"line {number}\\n".encode())
        time.sleep(0.01)

highspy.Highs = slowly
thread = threading.Thread(target=write)
thread.start()
time.sleep(0.05)
engine.new_model()
thread.join()
"""
    done = children.python(code)
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == sorted(f"line {number}" for number in range(40))


def test_without_a_stdout():
    code = "import os; os.close(1)\nimport planner, toys\nos._exit(int(planner.solve(toys.two_plants()).objective > 0))"
    assert children.python(code).returncode == 1


def test_models_made_at_once_by_many_threads_print_nothing():
    code = """
import threading
from planner.solve.engine import new_model
threads = [threading.Thread(target=new_model) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
    done = children.python(code)
    assert (done.returncode, done.stdout) == (0, "")


class _Endless:
    """A solver that goes on until it is interrupted, as HiGHS does."""

    def __init__(self):
        self.stopped, self.callbacks = threading.Event(), []
        self.cbSimplexInterrupt = self.cbIpmInterrupt = self.cbMipInterrupt = self

    def subscribe(self, callback):
        self.callbacks.append(callback)

    def unsubscribe(self, callback):
        self.callbacks.remove(callback)

    def interrupt(self):
        self.stopped.set()

    def run(self):
        while not self.stopped.wait(0.01):
            for callback in list(self.callbacks):
                callback(self)


def test_an_interrupt_stops_the_threads_of_a_pool_within_a_solve():
    solvers = [_Endless(), _Endless(), _Endless()]
    begun = threading.Event()

    def work(solver):
        begun.set()
        return on_new_thread(solver, solver.run)

    def wait():
        with Pool(2) as pool:
            futures.extend(pool.submit(work, solver) for solver in solvers)
            assert begun.wait(10)
            raise KeyboardInterrupt  # as Ctrl-C does in the thread that waits

    futures = []
    with pytest.raises(KeyboardInterrupt):
        wait()
    assert all(future.done() for future in futures)
    assert not any(solver.callbacks for solver in solvers)


def test_highs_itself_heeds_an_interrupt():
    rng = np.random.default_rng(0)
    highs = highspy.Highs()
    highs.setOptionValue("log_to_console", False)
    highs.setOptionValue("solver", "simplex")
    highs.addVars(400, np.zeros(400), np.full(400, 1e4))
    highs.changeColsCost(400, np.arange(400, dtype=np.int32), -rng.random(400))
    for _ in range(400):
        highs.addRow(-np.inf, 1e3, 400, np.arange(400, dtype=np.int32), rng.random(400))
    events = []

    def work():
        highs.cbSimplexInterrupt.subscribe(lambda event: (events.append(1), event.interrupt()))
        return highs.run()

    on_new_thread(highs, work)
    assert events
    assert highs.getModelStatus() == highspy.HighsModelStatus.kInterrupt


def _long(algorithm):
    """A model that HiGHS is busy with for many seconds by an algorithm."""
    rng = np.random.default_rng(0)
    size = 60 if algorithm == "branch and bound" else 1500
    highs = highspy.Highs()
    highs.setOptionValue("log_to_console", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("presolve", "off")
    highs.addVars(size, np.zeros(size), np.full(size, 1e4))
    columns = np.arange(size, dtype=np.int32)
    highs.changeColsCost(size, columns, -1 - rng.random(size))
    for _ in range(size):
        highs.addRow(-np.inf, 1e3, size, columns, rng.random(size))
    if algorithm == "branch and bound":
        highs.changeColsIntegrality(size, columns, np.full(size, highspy.HighsVarType.kInteger))
    else:
        highs.setOptionValue("solver", algorithm)
    return highs


@pytest.mark.parametrize("algorithm", portion(["simplex", "ipm", "branch and bound"], quick=1))
def test_highs_is_free_until_the_interrupt_and_heeds_it_then(algorithm):
    highs = _long(algorithm)
    asked = (highs.cbSimplexInterrupt, highs.cbIpmInterrupt, highs.cbMipInterrupt)

    def wait():
        with Pool(1) as pool:
            futures.append(pool.submit(on_new_thread, highs, highs.run))
            time.sleep(0.5)
            assert not futures[0].done()
            assert not any(part.callbacks for part in asked)
            raise KeyboardInterrupt  # as Ctrl-C does in the thread that waits

    futures = []
    with pytest.raises(KeyboardInterrupt):
        wait()
    assert futures[0].done()
    assert highs.getModelStatus() == highspy.HighsModelStatus.kInterrupt
    assert not any(part.callbacks for part in asked)
