"""A plan as a DuckDB file: a table a table, the run, its periods, and two views that people would write."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from planner.errors import UsageError
from planner.plan.plan import Plan
from planner.report.calendar_parts import quarter_of
from planner.report.csv_tables import TEXT

VIEWS = {
    "exposure_by_quarter": """
        SELECT stage, region, quarter, sum(finished) AS finished,
               sum(finished) / nullif(sum(sum(finished)) OVER (PARTITION BY stage, quarter), 0) AS share
        FROM production JOIN periods USING (period)
        WHERE reported
        GROUP BY stage, region, quarter
        ORDER BY stage, region, quarter
    """,
    "service_by_customer": """
        SELECT customer, item, sum(demand) AS demand, sum(delivered) AS delivered, sum(late) AS late, sum(lost) AS lost,
               1 - sum(lost) / nullif(sum(demand), 0) AS fill_rate
        FROM service JOIN periods USING (period)
        WHERE reported
        GROUP BY customer, item
        ORDER BY customer, item
    """,
}


def write_database(plan: Plan, path: Path) -> None:
    """Write a plan as a DuckDB file.

    DuckDB takes a `?` in the path of a file for the end of its name, so the file is made under a plain one and copied.

    Raises:
        UsageError: DuckDB is not installed.
        OSError: it cannot be written.
    """
    try:
        import duckdb
    except ImportError:
        raise UsageError(
            "A .duckdb export needs DuckDB: `pip install 'planner[duckdb]'`. Without it, use .parquet or .csv."
        ) from None
    apart = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    with TemporaryDirectory() as folder:
        made = Path(folder) / "plan.duckdb"
        try:
            with duckdb.connect(str(made), config=apart) as base:
                for name, table in {**plan.tables, "periods": periods_table(plan), "run": run_table(plan)}.items():
                    base.register("given", arrow_table(table, name))
                    base.execute(f'CREATE TABLE "{name}" AS SELECT * FROM given')  # noqa: S608 - our own names
                    base.unregister("given")
                for name, query in VIEWS.items():
                    base.execute(f"CREATE VIEW {name} AS {query}")
        except duckdb.Error as error:
            raise OSError(None, str(error), str(path)) from error
        shutil.copyfile(made, path)


def arrow_table(table: pd.DataFrame, name: str) -> object:
    """A table with the types that its columns mean, though it be empty: text, figures, yes and no."""
    import pyarrow as pa

    def kind(column: str) -> pa.DataType:
        if pd.api.types.is_bool_dtype(table[column]):
            return pa.bool_()
        if pd.api.types.is_integer_dtype(table[column]):
            return pa.int64()
        text = column != "quantity" if name == "allocation" else column in TEXT
        numeric = pd.api.types.is_numeric_dtype(table[column])
        return pa.float64() if numeric or (table.empty and not text) else pa.string()

    schema = pa.schema([(column, kind(column)) for column in table.columns])
    return pa.Table.from_pandas(table, schema=schema, preserve_index=False)


def periods_table(plan: Plan) -> pd.DataFrame:
    """The planned periods: period, position, quarter (of a year or plain label: itself), reported."""
    periods, reported = plan.instance.periods, set(plan.instance.report_periods)
    return pd.DataFrame(
        {
            "period": list(periods.labels),
            "position": range(len(periods)),
            "quarter": [quarter_of(periods, label) for label in periods.labels],
            "reported": [position in reported for position in range(len(periods))],
        }
    )


def run_table(plan: Plan) -> pd.DataFrame:
    """What was solved, in one row."""
    settings = plan.instance.settings
    return pd.DataFrame(
        [
            {
                "instance": settings.name,
                "policy": plan.policy.name if plan.policy else "",
                "scenario": plan.scenario.name if plan.scenario else "",
                "status": plan.status,
                "currency": settings.currency,
                "objective": plan.objective,
                "margin": plan.margin,
                "gap": plan.gap,
                "certified": plan.certificate.passed,
                "content_hash": plan.base_hash,
            }
        ]
    )
