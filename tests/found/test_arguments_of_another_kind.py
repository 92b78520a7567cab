"""What is given in place of a plan, a source, a period or a run is refused in words.

`planner.compare(plan, "x")` was an AttributeError of a str, `planner.roll(plan, 2)` a TypeError of an int.
"""

import pytest
import toys

import planner

WRONG = (None, 2, 2.5, "x", b"x", object(), [1], {"a": 1}, (), float("nan"))


def test_it_is_told_what_is_wanted(tmp_path):
    instance = toys.two_plants(periods=["1", "2"])
    plan = toys.solve(instance)
    run = planner.write_run(plan, tmp_path / "run")
    store = planner.open_store(tmp_path / "runs.sqlite")
    kept = store.keep(plan)
    calls = {
        "first": lambda wrong: planner.compare(wrong, plan),
        "second": lambda wrong: planner.compare(plan, wrong),
        "plan": lambda wrong: planner.roll(wrong, "2"),
        "to": lambda wrong: planner.roll(plan, wrong),
        "actuals": lambda wrong: planner.roll(plan, "2", wrong),
        "plan of a run": lambda wrong: planner.write_run(wrong, run),
        "plan to keep": store.keep,
        "plan to be close to": planner.Closeness,
        "stay_close_to": lambda wrong: planner.solve(instance, stay_close_to=wrong),
        "folder": planner.read_run,
        "folder of a run": lambda wrong: planner.write_run(plan, wrong),
        "source": planner.solve,
        "source to load": planner.load_instance,
        "source of a report": planner.report,
        "run": store.read,
        "run to tag": lambda wrong: store.tag(wrong, "w"),
        "word": lambda wrong: store.tag(kept, wrong),
    }
    optional = {"actuals": None, "stay_close_to": None}
    for name, call in calls.items():
        for wrong in (*WRONG, instance):
            if (name in optional and wrong is None) or (wrong == "x" and name in {"folder of a run", "word"}):
                continue
            if wrong is instance and name.startswith("source"):
                continue
            with pytest.raises(planner.PlannerError) as caught:
                call(wrong)
            said = str(caught.value)
            if not isinstance(wrong, str | dict):
                assert said.startswith(f"{name.split()[0]} is {wrong!r:.60}. Give "), (name, said)
