"""Choke points ranked side by side: rent, loss when out, time to survive; and shadow prices with their range."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from planner.instance.periods import HORIZON
from planner.report.findings import Findings, reported_rows
from planner.report.page.grids import Grid, Tables, made_grid, resource_in_grid
from planner.study.stress.longest_outages import rows_within_horizon
from planner.text.cases import under
from planner.text.figures import NONE, count, joined, money, percent

LONGEST = 6
EXACT = 100  # from here on a figure is known well enough without decimals
KINDS = ("site", "cluster", "operator", "region")
LOSSES = ["policy", "over", "of", "sites", "status", "rent", "rent_rank", "loss", "loss_rank"]
SURVIVAL = ["survived", "unit", "at_least", "survived_rank"]
STEP = 1e-7  # of the cost: losses are rounded to such a part of it, which is more than two solves differ by


def in_steps(amount: float, cost: float) -> float:
    """An amount of money in whole steps of a cost, without what two solves of it differ by."""
    step = STEP * abs(cost)
    return amount if math.isnan(amount) or not step > 0 else round(amount / step) * step + 0.0


def losses(findings: Findings) -> pd.DataFrame:
    """Every site, cluster, operator and region: its rent, the loss when it is out, and time to survive where known.

    Units lost are not asked for: they would take a tie-break for each set.
    """
    parts = []
    for name in findings.undisturbed:
        found = findings.studies.losses.get(name)
        if found is None:
            continue
        table = found.table[["over", "of", "sites", "status", "loss"]].copy()
        table["loss"] = [in_steps(loss, found.cost) for loss in table["loss"]]
        rents = _site_rents(findings, name)
        table["rent"] = [math.fsum(rents.get(site, 0.0) for site in str(sites).split("+")) for sites in table["sites"]]
        size = table["loss"].where(table["status"] == "optimal", math.inf)
        table["loss_rank"] = size.rank(method="min", ascending=False).astype(int)
        table["rent_rank"] = table["rent"].rank(method="min", ascending=False).astype(int)
        table = _with_survival(findings, table, findings.studies.survival.get(name))
        table = table.assign(policy=findings.label(name), _kind=table["over"].map(KINDS.index))
        parts.append(table.sort_values(["loss_rank", "_kind", "of"]))
    columns = [*LOSSES, *(SURVIVAL if findings.studies.survival else ())]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _site_rents(findings: Findings, name: str | None) -> dict[str, float]:
    """Shadow price times capacity of the resources of each site, over the reported periods."""
    plan = findings.undisturbed[name]
    points = reported_rows(findings, plan.choke_points[plan.choke_points["kind"] == "resource"])
    rent = (points["shadow_price"] * points["capacity"]).groupby(points["site"]).sum()
    return {str(site): float(amount) for site, amount in rent.items()}


def _with_survival(findings: Findings, table: pd.DataFrame, survival: pd.DataFrame | None) -> pd.DataFrame:
    """The shortest time to survive of each set over the starts, in weeks, or periods where these have no length."""
    if survival is None:
        return table.assign(survived=math.nan, unit="", at_least="", survived_rank=math.nan)
    weeks = bool(survival["weeks"].notna().any())
    time, unit = ("weeks", "weeks") if weeks else ("periods", f"{findings.period_word}s")
    survival = survival[rows_within_horizon(survival)]
    shortest = survival.sort_values(time, kind="stable").drop_duplicates(["over", "of"]).set_index(["over", "of"])
    found = shortest.reindex(pd.MultiIndex.from_frame(table[["over", "of"]]))
    sure = ["yes" if part is True or part == 1 else "" for part in found["at_least"]]
    survived = pd.Series(found[time].to_numpy(dtype=float), index=table.index)
    return table.assign(survived=survived, unit=unit, at_least=sure, survived_rank=survived.rank(method="min"))


def region_losses(findings: Findings) -> pd.DataFrame:
    """Every region out with the limits of the policy in force, in every view."""
    rows = []
    for (name, scenario), found in findings.studies.region_losses.items():
        rows += [
            {
                "policy": findings.label(name),
                "scenario": scenario or "",
                "region": row.of,
                "status": row.status,
                "loss": in_steps(float(row.loss), found.cost),
            }
            for row in found.table.itertuples()
        ]
    table = pd.DataFrame(rows, columns=["policy", "scenario", "region", "status", "loss"])
    order = {findings.label(name): at for at, name in enumerate(findings.policies)}
    return table.assign(_at=table["policy"].map(order)).sort_values(["_at", "scenario", "region"], ignore_index=True)[
        list(table.columns)
    ]


def ranking(findings: Findings, tables: Tables, policy: str) -> Grid:
    """The sets of sites that lead any of the rankings, with their rank in each of them."""
    table = tables["losses"]
    own = table[table["policy"] == policy].reset_index(drop=True)
    timed = "survived" in own and own["survived"].notna().any()
    ranks = ["rent_rank", "loss_rank", *(["survived_rank"] if timed else [])]
    grouped = own.groupby("sites", sort=False)
    first = own.assign(_kind=own["over"].map(KINDS.index)).sort_values("_kind", kind="stable")
    first = first.drop_duplicates("sites").set_index("sites")
    kinds = {sites: ", ".join(dict.fromkeys(part.sort_values("over", key=_place)["over"])) for sites, part in grouped}
    place = {name: first[name].rank(method="min") for name in ranks}  # without counting a set twice under two names
    chosen = {sites for name in ranks for sites in place[name].sort_values(kind="stable").head(LONGEST).index}
    shown = [
        sites for sites in first.sort_values(["loss_rank", "rent_rank", "of"], kind="stable").index if sites in chosen
    ]
    rows = []
    for sites in shown:
        row = first.loc[sites]
        name = findings.region_name(str(row["of"])) if row["over"] == "region" else str(row["of"])
        rent = [money(float(row["rent"]), findings.currency), _place_text(place["rent_rank"][sites], row["rent"])]
        loss = (
            [money(float(row["loss"]), findings.currency), _place_text(place["loss_rank"][sites], row["loss"])]
            if row["status"] == "optimal"
            else [f"no plan ({row['status']})", _place_text(place["loss_rank"][sites], 1.0)]
        )
        rows.append([name, kinds[sites], str(len(str(sites).split("+"))), *rent, *loss])
        if timed:
            time = float(row["survived"])
            text = NONE if math.isnan(time) else f"{'at least ' if row['at_least'] else ''}{time:.1f} {row['unit']}"
            rows[-1] += [text, NONE if math.isnan(time) else f"{place['survived_rank'][sites]:.0f}"]
    return made_grid(
        f"Choke points of {policy}: the first {LONGEST} of each ranking; a place counts sets with the same sites once",
        [
            *("out", "it is a", "sites", "rent", "place by rent", "loss when out", "place by loss"),
            *(["time to survive", "place by time"] if timed else []),
        ],
        rows,
        texts=(0, 1),
    )


def _place(kinds: pd.Series) -> pd.Series:
    return kinds.map(KINDS.index)


def _place_text(place: float, size: float) -> str:
    return NONE if math.isnan(place) or math.isnan(size) or size == 0 else f"{place:.0f}"


def disagreement(findings: Findings, tables: Tables) -> str:
    """The sentence on where the rankings of the first policy disagree most: the largest loss of a set without rent."""
    table = tables["losses"]
    own = table[(table["policy"] == findings.label(findings.first)) & (table["status"] == "optimal")]
    if own.empty:
        return ""
    top = own.sort_values("loss", ascending=False, kind="stable")
    sites = own[own["over"] == "site"]
    free = sites[(sites["rent"] <= 0) & (sites["loss"] > 0)].sort_values("loss", ascending=False, kind="stable").head(3)
    text = ""
    if len(sites) and sites["rent"].max() > 0:
        by_rent = sites.sort_values("rent", ascending=False, kind="stable").iloc[0]
        by_loss = sites.sort_values("loss", ascending=False, kind="stable").iloc[0]
        same = by_rent["of"] == by_loss["of"]
        usual = under(findings.label(findings.first))
        text = (
            f"{usual[:1].upper()}{usual[1:]} {by_rent['of']} has the largest rent of all sites "
            f"({money(float(by_rent['rent']), findings.currency)}), and "
            + ("also the largest loss" if same else f"{by_loss['of']} the largest loss")
            + f" when it is out ({money(float(by_loss['loss']), findings.currency)}). "
        )
    if len(free):
        text += (
            "A shadow price of zero does not mean safe: without any rent, "
            + joined([f"{row.of} would cost {money(float(row.loss), findings.currency)}" for row in free.itertuples()])
            + " when out."
        )
    return text.strip() or f"The largest loss is that of {top['of'].iloc[0]}."


def region_loss_grid(findings: Findings, tables: Tables) -> Grid:
    """Each region out, by policy: limits in force, and lifted."""
    table, lifted = tables["region_losses"], tables["losses"]
    undisturbed = table[table["scenario"] == ""]
    lifted = lifted[lifted["over"] == "region"]
    policies = [findings.label(name) for name in findings.undisturbed]
    order = lifted.groupby("of")["loss"].max().sort_values(ascending=False, kind="stable")
    rows = [
        [
            findings.region_name(str(region)),
            words,
            *(_loss_cell(findings, part[(part["policy"] == policy) & (part[key] == region)]) for policy in policies),
        ]
        for region in order.index
        for words, part, key in (("lifted", lifted, "of"), ("in force", undisturbed, "region"))
    ]
    return made_grid(
        "Loss with a whole region out for all planned periods, known from the first, against the same policy "
        "undisturbed: limits lifted, and in force (a hard share limit then stops what is left as well)",
        ["region", "limits", *policies],
        rows,
        texts=(0, 1),
    )


def _loss_cell(findings: Findings, rows: pd.DataFrame) -> str:
    if rows.empty:
        return NONE
    row = rows.iloc[0]
    return money(float(row["loss"]), findings.currency) if row["status"] == "optimal" else f"no plan ({row['status']})"


def prices(findings: Findings) -> pd.DataFrame:
    """The highest shadow prices of every policy with the range in which each was shown to hold."""
    parts = [
        table.assign(policy=findings.label(name), verified=["yes" if part else "no" for part in table["verified"]])
        for name in findings.undisturbed
        if (table := findings.studies.prices.get(name)) is not None
    ]
    columns = [
        *("policy", "kind", "name", "site", "period", "capacity", "shadow_price", "one_less_costs"),
        *("valid_from", "valid_to", "verified", "reason"),
    ]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def price_grid(findings: Findings, tables: Tables, policy: str) -> Grid:
    """The highest shadow prices of a policy, and how far each holds."""
    own = tables["prices"]
    own = own[own["policy"] == policy]
    rows = []
    for _, row in own.iterrows():
        share = row["kind"] == "limit"
        name = resource_in_grid(str(row["site"]), str(row["name"]))
        ends = [float(row[end]) for end in ("valid_from", "valid_to")]
        rows.append(
            [
                name if row["kind"] != "lane" else str(row["name"]),
                str(row["kind"]),
                "all periods" if row["period"] == HORIZON else str(row["period"]),
                count(float(row["shadow_price"])),
                _one_less(float(row["one_less_costs"])),
                _amount(float(row["capacity"]), share=share),
                _range(ends, share=share),
                "by re-solves" if row["verified"] == "yes" else "not verified",
                str(row["reason"]) or NONE,
            ]
        )
    return made_grid(
        f"Highest shadow prices under {policy} ({findings.currency} a unit of capacity, or a unit inside the limit), "
        "in the period in which each is highest, and the range in which it holds",
        [
            *("what", "kind", "period", "shadow price: one more saves", "one less costs"),
            *("capacity or limit", "holds from – to", "verified", "to be known"),
        ],
        rows,
        texts=(0, 1, 2, 7, 8),
    )


def _one_less(costs: float) -> str:
    return "no plan left" if math.isinf(costs) else count(costs)


def _amount(value: float, *, share: bool) -> str:
    if math.isnan(value):
        return NONE
    if share:
        return percent(value, 2)
    return f"{value:,.0f}" if abs(value) >= EXACT else f"{value:.4g}"


def _range(ends: Sequence[float], *, share: bool) -> str:
    if all(map(math.isnan, ends)):
        return NONE
    low, high = ("open" if math.isnan(end) else _amount(end, share=share) for end in ends)
    return f"{low} – {high}"
