"""A plan in the long format of the Integrated Assessment Modeling Consortium, as policy analysts read it.

Model, Scenario, Region, Variable and Unit, then a column a year; where periods are shorter than a year, a column
Subannual before the years, with `Year` for the whole of it. Source: the data template of the IAMC, and pyam's reading
of it (Huppmann et al., pyam: Analysis and visualisation of integrated assessment and macro-energy scenarios, Open
Research Europe 1:74, 2021).
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pandas as pd

from planner.errors import UsageError
from planner.instance.whole_files import text_writer
from planner.plan.plan import Plan
from planner.plan.rounding import rounded
from planner.report.calendar_parts import WHOLE_YEAR, year_and_part
from planner.report.csv_tables import csv_text

WORLD = "World"
UNITS, PERCENT = "units", "%"
KEYS = ["Model", "Scenario", "Region", "Variable", "Unit"]
_KEY = ["region", "variable", "unit"]
_TIME = ["year", "part"]


def write_iamc(plan: Plan, path: Path) -> None:
    """Write a plan as one CSV file in the IAMC format.

    Raises:
        UsageError: the periods are plain labels, which lie in no year.
        OSError: it cannot be written.
    """
    text_writer(csv_text(iamc_table(plan)))(path)


def iamc_table(plan: Plan) -> pd.DataFrame:
    """The table: one row a region, variable and part of a year, one column a year, of all planned periods.

    Production, deliveries and the like add up over the parts of a year; stock is that at the end of the last; an
    exposure is the share of a stage's good units. Money is discounted, as in all tables of a plan.

    Raises:
        UsageError: the periods are plain labels, which lie in no year.
    """
    periods = plan.instance.periods
    times = {label: year_and_part(periods, label) for label in periods.labels}
    if None in times.values():
        raise UsageError(
            "The IAMC format has a column a year, and the periods of this instance are plain labels. "
            "Write them as a calendar, for example {first: 2027Q1, count: 8, length: quarter}."
        )
    flows, levels = _flows(plan), _levels(plan)
    timed = pd.DataFrame(
        [(label, *time) for label, time in times.items() if time is not None], columns=["period", *_TIME]
    )
    parts = [flows.merge(timed, on="period"), levels.merge(timed, on="period")]
    sums = [part.groupby([*_KEY, *_TIME], sort=False)["value"].sum().reset_index() for part in parts]
    if periods.length != "year":
        ends = timed.groupby("year")["part"].last()
        year = sums[0].groupby([*_KEY, "year"], sort=False)["value"].sum().reset_index()
        end = sums[1][sums[1]["part"] == sums[1]["year"].map(ends)]
        sums += [year.assign(part=WHOLE_YEAR), end.assign(part=WHOLE_YEAR)]
    long = pd.concat(sums, ignore_index=True)
    long = pd.concat([long, _shares(plan, long)], ignore_index=True)
    long["value"] = rounded(long["value"].to_numpy(dtype=float))
    wide = long.pivot_table(index=[*_KEY, "part"], columns="year", values="value", aggfunc="sum", observed=True)
    wide = wide.reset_index().rename_axis(columns=None)
    wide.insert(0, "model", f"planner {version('planner')}")
    wide.insert(1, "scenario", f"{plan.instance.settings.name} / {plan.name}")
    head = {**dict(zip(("model", "scenario", *_KEY), KEYS, strict=True)), "part": "Subannual"}
    wide = wide.sort_values(["variable", "region", "part"], ignore_index=True).rename(columns=head)
    return wide.drop(columns="Subannual") if periods.length == "year" else wide


def _flows(plan: Plan) -> pd.DataFrame:
    """What adds up over time, by region, variable, unit and period; sums over regions as `World`."""
    currency = f"{plan.instance.settings.currency} (discounted)"
    names, home, stage = _region_names(plan), _home(plan), _stage(plan)
    made, sent, kept, orders = plan.production, plan.shipments, plan.stock, plan.service
    buyer = orders["customer"].map(home)
    parts = [
        _part(made["region"].map(names), "Production|" + made["stage"], UNITS, made["period"], made["finished"]),
        _part(
            made["region"].map(names),
            "Production|" + made["stage"] + "|" + made["item"],
            UNITS,
            made["period"],
            made["finished"],
        ),
        _part(made["region"].map(names), "Cost|Production", currency, made["period"], made["cost"]),
        _part(sent["from_region"].map(names), "Cost|Freight", currency, sent["period"], sent["freight"]),
        _part(sent["to_region"].map(names), "Cost|Tariff", currency, sent["period"], sent["tariff"]),
        _part(kept["region"].map(names), "Cost|Holding", currency, kept["period"], kept["holding_cost"]),
        _part(buyer.map(names), "Cost|Lateness", currency, orders["period"], orders["lateness_cost"]),
        _part(buyer.map(names), "Cost|Lost Sales", currency, orders["period"], orders["lost_cost"]),
        *(
            _part(buyer.map(names), f"{word}|" + orders["item"], UNITS, orders["period"], orders[column])
            for word, column in (("Orders", "demand"), ("Deliveries", "delivered"), ("Lost Orders", "lost"))
        ),
    ]
    known = pd.concat(parts, ignore_index=True)
    world = known.assign(region=WORLD)
    crossing = sent[sent["from_region"] != sent["to_region"]]
    trade = _part(
        crossing["from_region"].map(names) + ">" + crossing["to_region"].map(names),
        "Trade|" + crossing["item"].map(stage) + "|" + crossing["item"],
        UNITS,
        crossing["period"],
        crossing["quantity"],
    )
    return pd.concat([known, world, trade], ignore_index=True)


def _levels(plan: Plan) -> pd.DataFrame:
    """What is held at the end of a period."""
    kept, names = plan.stock, _region_names(plan)
    held = _part(
        kept["region"].map(names), "Stock|" + kept["item"].map(_stage(plan)), UNITS, kept["period"], kept["quantity"]
    )
    return pd.concat([held, held.assign(region=WORLD)], ignore_index=True)


def _shares(plan: Plan, long: pd.DataFrame) -> pd.DataFrame:
    """Each region's share of the good units of a stage, in per cent."""
    names = {f"Production|{stage}": f"Exposure|{stage}" for stage in plan.instance.stages}
    made = long[long["variable"].isin(names) & (long["region"] != WORLD)].copy()
    total = made.groupby(["variable", *_TIME])["value"].transform("sum")
    made["value"] = 100 * made["value"] / total.where(total > 0)
    return made.assign(variable=made["variable"].map(names), unit=PERCENT).dropna(subset="value")


def _part(region: pd.Series, variable: pd.Series | str, unit: str, period: pd.Series, value: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {"region": region, "variable": variable, "unit": unit, "period": period, "value": value}
    ).reset_index(drop=True)


def _region_names(plan: Plan) -> dict[str, str]:
    """Each region as people call it; by its id where two are called the same, or one like the sum of all."""
    given = plan.instance.settings.regions
    ids = sorted({row.region for row in plan.instance.sites} | {row.region for row in plan.instance.customers})
    called = [given.get(region) or region for region in ids]
    taken = {name for name in called if called.count(name) > 1 or ">" in name or name == WORLD}
    return {region: region if name in taken else name for region, name in zip(ids, called, strict=True)}


def _home(plan: Plan) -> dict[str, str]:
    return {row.customer: row.region for row in plan.instance.customers}


def _stage(plan: Plan) -> dict[str, str]:
    return plan.instance.stage_of
