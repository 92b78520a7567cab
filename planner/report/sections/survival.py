"""Time to survive against time to recover: the grid, and sentences on strikes that last longer than can be survived."""

from __future__ import annotations

import math

import pandas as pd

from planner.report.findings import Findings, policy_names
from planner.report.page.grids import Grid, Tables, made_grid
from planner.report.page.part import Section
from planner.study.stress.longest_outages import rows_within_horizon
from planner.study.stress.strike_choices import SCENARIO
from planner.study.stress.time_to_survive import made_up_for
from planner.text.cases import under
from planner.text.figures import NONE, counted, joined

ANY_TIME = 1e-9  # periods
DAY = 1 / 7  # weeks
NOTICED = 1e-6  # periods that a delivered unit comes later, on average


def _timed(findings: Findings, table: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The rows with times as x and y, and their unit: weeks, or periods where these have no length."""
    weeks = bool(table["weeks"].notna().any())
    unit = "weeks" if weeks else f"{findings.period_word}s"
    return table.assign(
        x=table["recover_weeks" if weeks else "recover"], y=table["weeks" if weeks else "periods"]
    ), unit


def _time(value: float, unit: str, sure: object) -> str:
    return NONE if math.isnan(value) else f"{'at least ' if sure else ''}{value:.1f} {unit}"


def survival_grid(findings: Findings, tables: Tables) -> Grid:
    """Each surprise with its time to recover, and by policy the time to survive and whether it is at risk."""
    table, unit = _timed(findings, tables["survival"])
    rows_of = table[table["over"] == SCENARIO]
    names = [name for name in policy_names(findings) if (rows_of["policy"] == name).any()]
    rows = []
    for scenario in [name for name in findings.scenarios if (rows_of["of"] == name).any()]:
        own = rows_of[rows_of["of"] == scenario].set_index("policy")
        first = own.iloc[0]
        cells = []
        for name in names:
            row = own.loc[name] if name in own.index else None
            time = NONE if row is None else _time(float(row["y"]), unit, row["at_least"])
            cells.append(time if row is None else f"{time}: {_risk(tables, name, scenario, str(row['risk']))}")
        sites = len(str(first["sites"]).split("+"))
        rows.append(
            [
                scenario,
                str(first["start"]),
                str(sites),
                "a part" if first["part"] else "all",
                f"{first['x']:.1f} {unit}",
                *cells,
            ]
        )
    return made_grid(
        "Time to recover (until all capacity that the scenario takes is back) and time to survive (all of these sites "
        "out from the same period)",
        ["scenario", "from", "sites", "takes", "time to recover", *(f"survives under {name}" for name in names)],
        rows,
        texts=(0, 1, 3),
    )


def site_grid(findings: Findings, tables: Tables) -> Grid:
    """Each site with its region, and by policy how long it can be out; the shortest first."""
    table, unit = _timed(findings, tables["survival"])
    own = table[table["over"] == "site"]
    names = [name for name in policy_names(findings) if (own["policy"] == name).any()]
    regions = findings.instance.region_of
    wide = {name: own[own["policy"] == name].set_index("of") for name in names}
    order = wide[names[0]].sort_values("y", kind="stable").index if names else []
    rows = []
    for site in order:
        known = [part.loc[site] if site in part.index else None for part in wide.values()]
        cells = [NONE if row is None else _time(float(row["y"]), unit, row["at_least"]) for row in known]
        rows.append([str(site), findings.region_name(regions.get(str(site), "")), *cells])
    start = own["start"].iloc[0] if len(own) else ""
    return made_grid(
        f"How long each site can be out before any customer gets less, from {start}",
        ["site", "region", *(f"under {name}" for name in names)],
        rows,
        texts=(0, 1),
    )


def _risk(tables: Tables, policy: str, scenario: str, risk: str) -> str:
    """Whether a policy is at risk by the two times; where only a part of the sites is out, by the strike itself."""
    if risk != "perhaps":
        return {"yes": "at risk", "no": "safe", "open": "open, the horizon ends first"}[risk]
    felt = noticed(tables, policy, scenario)
    return "perhaps at risk" if felt is None else "noticed" if felt else "not noticed"


def noticed(tables: Tables, policy: str, scenario: str) -> bool | None:
    """Whether a strike makes any unit later or lost; None where that is not known."""
    table = tables["strikes"]
    row = table[(table["policy"] == policy) & (table["scenario"] == scenario) & (table["status"] == "optimal")]
    return None if row.empty else bool(row["lost_units"].iloc[0] > 0 or row["waiting"].iloc[0] > NOTICED)


def at_once(findings: Findings, tables: Tables) -> str:
    """The sentence on sites whose outage is felt at once, under the policies for which this was computed."""
    table = tables["survival"]
    asked = table[table["over"] == "site"]
    names = [name for name in policy_names(findings) if (asked["policy"] == name).any()]
    if not names:
        return ""
    if not rows_within_horizon(asked).any():
        return (
            f"How long a site can be out from {asked['start'].iloc[0]} on cannot be told: the planned periods end "
            "before what is not made then would be missed by a customer."
        )
    own = {name: asked[asked["policy"] == name] for name in names}
    stopped = {name: int(within_a_day(own[name]).sum()) for name in names}
    none = [f"{number} {under(name)}" for name, number in stopped.items()]
    how = "for a day" if in_weeks(asked) else "for any time"
    sure = [f"{int((own[name]['at_least'] != '').sum())} {under(name)}" for name in names]
    if not any(stopped.values()):
        return (
            f"From {asked['start'].iloc[0]}, each of {counted(len(own[names[0]]), 'site')} can be out {how}; "
            f"{joined(sure)} can be out for as long as the planned periods can tell."
        )
    return (
        f"From {asked['start'].iloc[0]}, of {counted(len(own[names[0]]), 'site')} {joined(none)} cannot be out {how}; "
        f"{joined(sure)} can be out for as long as the planned periods can tell. A site has no time to survive at all "
        "where the plan uses all that it makes and every other line beside it is full: the first unit not made is one "
        "that somebody gets later."
    )


def in_weeks(own: pd.DataFrame) -> bool:
    """Whether the periods have a length, so that times to survive are known in weeks."""
    return bool(own["weeks"].notna().any())


def within_a_day(own: pd.DataFrame) -> pd.Series:
    """Which sites survive less than a day; where periods have no length, those that survive no time at all."""
    return rows_within_horizon(own) & ((own["periods"] <= ANY_TIME) | (own["weeks"] < DAY))


def _late_all_the_same(tables: Tables, known: pd.DataFrame, policies: list[str]) -> str:
    """The sentence that deliveries which could be kept after a strike are not kept at least cost, where that is so."""
    parts = []
    for name in policies:
        safe = known.loc[(known["policy"] == name) & (known["risk"] == "no"), "of"]
        late = [str(scenario) for scenario in sorted(safe) if noticed(tables, name, str(scenario))]
        parts += [f"{under(name)} {joined(late)}"] if late else []
    if not parts:
        return ""
    return (
        "Safe says what can be kept, not what is: at least cost some units come later or are lost all the same, as "
        f"that costs less: {joined(parts)}."
    )


def survival_section(findings: Findings, tables: Tables) -> Section | None:
    """Time to survive against time to recover; None where it was not computed."""
    table = tables["survival"]
    if table.empty:
        return None
    about = (
        "Time to survive: the longest whole outage from the strike after which, planned anew, every customer still has "
        "at least the undisturbed plan's deliveries up to each period; what is already short may stay so. A part of a "
        "period is the largest share of the sites' capacity that can be out in it."
    )
    policies = [name for name in policy_names(findings) if (table["policy"] == name).any()]
    known = table[(table["over"] == SCENARIO)]
    unlimited = made_up_for(table[table["over"] != SCENARIO])
    if known.empty:
        what = (
            "No scenario that strikes without warning says when the capacity that it takes is back, so that there is "
            "no time to recover to hold this against; the ranking of the choke points has the time to survive."
        )
        return Section(
            "survival", "Time to survive", tuple(filter(None, (about, what, at_once(findings, tables), unlimited)))
        )
    what = (
        "Time to recover is data: it lasts until the last of the capacity that a scenario takes is back. A scenario "
        "that takes only a part can be survived for longer than a whole outage; for those that take longer to recover "
        "the table says whether the strike itself, as above, is noticed: whether any unit is lost or comes later."
    )
    risky = [
        f"{under(name)} {joined(sorted(known.loc[(known['policy'] == name) & (known['risk'] == 'yes'), 'of']))}"
        for name in policies
        if ((known["policy"] == name) & (known["risk"] == "yes")).any()
    ]
    sure = f"Longer to recover than can be survived, for certain: {joined(risky)}." if risky else ""
    return Section(
        "survival",
        "Time to survive against time to recover",
        tuple(
            filter(
                None,
                (about, what, at_once(findings, tables), unlimited, sure, _late_all_the_same(tables, known, policies)),
            )
        ),
        (survival_grid(findings, tables),),
    )
