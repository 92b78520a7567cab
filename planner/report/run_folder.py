"""The run folder: a plan on disk, complete enough to be compared, exported and explained later."""

from __future__ import annotations

import json
import os
import platform
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from planner.errors import UsageError
from planner.instance.instance import Instance
from planner.instance.loading import load_instance
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.plan.plan import Plan
from planner.plan.tables import TABLE_NAMES
from planner.plan.whole_tables import refuse_damaged
from planner.solve.certificate import Certificate

TEXT = {
    "site",
    "region",
    "operator",
    "stage",
    "item",
    "recipe",
    "period",
    "from",
    "from_region",
    "to",
    "to_region",
    "arrives",
    "customer",
    "measure",
    "over",
    "of",
    "limit",
    "commitment",
    "option",
    "resource",
    "kind",
    "name",
    "component",
    "product",
    "touched",
    "as",
}
_NUMBERS_NAMED_LIKE_TEXT = {("exposure", "limit")}
RUN_FILE = "run.json"


def write_run(plan: Plan, folder: Path) -> Path:
    """Write a plan to a folder, all of it or nothing.

    Raises:
        UsageError: the folder exists and is no run.
    """
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / RUN_FILE).exists())):
        raise UsageError(f"{folder} exists and is no run, so it is left alone. Choose another --out.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        draft.chmod(0o755)
        (draft / "tables").mkdir()
        for name, table in plan.tables.items():
            write_text(draft / "tables" / f"{name}.csv", csv_text(table))
        write_text(draft / "instance.yaml", instance_text(plan.instance))
        write_text(draft / RUN_FILE, json.dumps(_run_json(plan), indent=2, ensure_ascii=False) + "\n")
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
            os.replace(folder, old / "run")
            os.replace(draft, folder)
            shutil.rmtree(old)
        else:
            os.replace(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def read_run(folder: Path) -> Plan:
    """The plan that `write_run` wrote.

    Raises:
        UsageError: the folder is no run.
        InstanceError: its instance cannot be read.
    """
    try:
        about = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise UsageError(
            f"{folder} is no run: it has no readable {RUN_FILE}. `planner solve ... --out {folder}` writes one."
        ) from None
    instance = load_instance(folder / "instance.yaml")
    try:
        further = sorted(path.stem for path in (folder / "tables").glob("*.csv") if path.stem not in TABLE_NAMES)
        tables = {name: _read_table(folder / "tables" / f"{name}.csv", name) for name in (*TABLE_NAMES, *further)}
        refuse_damaged(instance, tables)
        return Plan(
            instance=instance,
            policy=Policy.model_validate(about["policy"]) if about["policy"] else None,
            scenario=Scenario.model_validate(about["scenario"]) if about["scenario"] else None,
            base_hash=about["content_hash"],
            status=about["status"],
            objective=about["objective"],
            gap=about["gap"],
            tables=tables,
            certificate=Certificate(**{**about["certificate"], "failures": ()}),
            unique=about["unique"],
            solver=about["solver"]["name"],
            method=about["solver"]["method"],
            options=about["solver"]["options"],
            sizes=about["sizes"],
            timings=about["timings"],
        )
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise UsageError(f"{folder} is not a whole run ({type(error).__name__}: {error}). Solve it again.") from None


def _run_json(plan: Plan) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "instance": plan.instance.settings.name,
        "content_hash": plan.base_hash,
        "policy": plan.policy.model_dump(by_alias=True, exclude_defaults=True, mode="json") if plan.policy else None,
        "scenario": plan.scenario.model_dump(by_alias=True, exclude_unset=True, mode="json") if plan.scenario else None,
        "versions": {
            "planner": version("planner"),
            "python": platform.python_version(),
            **{name: version(name) for name in ("pulp", "highspy", "pandas")},
        },
        "solver": {"name": plan.solver, "method": plan.method, "options": plan.options},
        "status": plan.status,
        "objective": plan.objective,
        "gap": plan.gap,
        "unique": plan.unique,
        "certificate": plan.certificate.as_json(),
        "sizes": plan.sizes,
        "timings": plan.timings,
    }


def instance_text(instance: Instance) -> str:
    """An instance as one file: YAML whose rows stand one a line, in JSON's way of writing, which YAML reads too."""
    lines = []
    for name, value in instance.as_mapping().items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in value)
            lines.append(f"{json.dumps(name)}: [\n{rows}\n]")
        else:
            lines.append(f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def csv_text(table: pd.DataFrame) -> str:
    """A table as CSV, every figure as short as it can be written without loss."""
    return str(table.to_csv(index=False, lineterminator="\n"))


def write_text(path: Path, text: str) -> None:
    """Write a text file and see it to the disk."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _read_table(path: Path, name: str) -> pd.DataFrame:
    text = pd.read_csv(path, dtype=str, keep_default_na=False)
    for column in text.columns:
        if name == "allocation" and column != "quantity":  # a column a stage, with the sites used
            continue
        if column not in TEXT or (name, column) in _NUMBERS_NAMED_LIKE_TEXT:
            text[column] = pd.to_numeric(text[column].mask(text[column] == "")).astype(float)
    return text
