"""Reports whose studies several files look at, each made once."""

from pathlib import Path

import pytest
from test_report_resilience import NAMED, instance, made
from test_studies import HALF, POLICIES, toy

from planner.cli.main import main
from planner.plan.planning import solve
from planner.report import background as beside
from planner.report.background import background
from planner.report.early_pages import EarlyPages
from planner.report.kept_parts import KeptParts
from planner.study.progress import Effort


@pytest.fixture(scope="session")
def studied(tmp_path_factory):
    """Plans of the toy, what a report says beside them, what it told of its progress, and the folder that keeps it."""
    folder, steps = tmp_path_factory.mktemp("studied"), []
    plans = {policy.name if policy else None: solve(toy(), policy) for policy in POLICIES}
    kept = KeptParts(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(beside, "WORTH", 0)  # so that all is kept
        found = background(toy(), plans, [HALF], Effort(progress=lambda *step: steps.append(step)), kept=kept)
    assert kept.reused == 0
    return plans, found, steps, folder


@pytest.fixture(scope="session")
def struck():
    """Two plants with names, struck without warning: the findings with every study of a report, and the tables."""
    tables = instance().as_mapping()
    for table, names in NAMED.items():
        for row in tables[table]:
            row["name"] = names[row[table.removesuffix("s")]]
    return made(instance(**{name: tables[name] for name in NAMED}))


@pytest.fixture(scope="session")
def reported(tmp_path_factory):
    """The folder of a report of the canning instance, made by the command."""
    folder = tmp_path_factory.mktemp("reported") / "canning"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EarlyPages, "first", lambda *_: None)  # the page at the end is the same
        with pytest.raises(SystemExit) as done:
            main(
                ["report", str(Path(__file__).parents[2] / "instances" / "canning"), "--out", str(folder), "--no-store"]
            )
    assert done.value.code == 0
    return folder
