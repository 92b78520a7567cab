"""How deliveries of each policy fall and recover when a scenario strikes without warning: curves, losses, sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from planner.plan.plan import Plan
from planner.report.findings import Findings, policy_names
from planner.report.page.grids import Grid, Tables, made_grid
from planner.report.page.part import Section
from planner.report.tables.strikes import NEVER
from planner.text.cases import under
from planner.text.figures import NONE, count, count_change, joined, money, percent

CLOSE = 0.01  # of a loss: policies whose losses differ by less lose about the same


def loss_grid(findings: Findings, tables: Tables) -> Grid:
    """Loss by scenario and policy when it strikes without warning, and in brackets when it is known in advance."""
    table, names = tables["strikes"], policy_names(findings)
    chances = any(table["probability"] > 0)
    rows = []
    for scenario in dict.fromkeys(table["scenario"]):
        own = table[table["scenario"] == scenario].set_index("policy")
        chance = float(own["probability"].iloc[0])
        cells = [_loss_cell(findings, own, name) for name in names]
        rows.append(
            [scenario, str(own["strike"].iloc[0]), *([f"{chance:.4g}" if chance else NONE] if chances else []), *cells]
        )
    strong = []
    if chances:
        strong = [len(rows)]
        expected = [_expected(findings, table, name) for name in names]
        total = table.drop_duplicates("scenario")["probability"].sum()
        rows.append(["expected loss", NONE, f"{total:.4g}", *expected])
    return made_grid(
        f"Loss against the same policy undisturbed ({findings.currency}, all planned periods), struck without warning; "
        "in brackets planned anew with the scenario known from the first period",
        ["scenario", "strikes", *(["probability"] if chances else []), *names],
        rows,
        texts=(0, 1),
        strong=strong,
    )


def _loss_cell(findings: Findings, own: pd.DataFrame, name: str) -> str:
    if name not in own.index:
        return NONE
    row = own.loc[name]
    if row["status"] != "optimal":
        return f"no plan ({row['status']})"
    known = money(float(row["known_loss"]), findings.currency).removeprefix(f"{findings.currency} ")
    return f"{money(float(row['loss']), findings.currency).removeprefix(f'{findings.currency} ')} ({known})"


def _expected(findings: Findings, table: pd.DataFrame, name: str) -> str:
    own = table[(table["policy"] == name) & (table["probability"] > 0)]
    sums = [
        float((own["probability"] * own[column].clip(lower=0.0)).sum(skipna=False)) for column in ("loss", "known_loss")
    ]
    first, known = (money(value, findings.currency).removeprefix(f"{findings.currency} ") for value in sums)
    return f"{first} ({known})"


def recovery_grid(findings: Findings, tables: Tables) -> Grid:
    """Units lost, delay and when service is back, by scenario and policy."""
    table, names = tables["strikes"], policy_names(findings)
    unit = "weeks" if table["delay_weeks"].notna().any() else f"{findings.period_word}s"
    column = "delay_weeks" if unit == "weeks" else "waiting"
    rows = []
    for scenario in dict.fromkeys(table["scenario"]):
        own = table[table["scenario"] == scenario].set_index("policy")
        cells = []
        for name in names:
            if name not in own.index or own.loc[name, "status"] != "optimal":
                cells.append("no plan" if name in own.index else NONE)
                continue
            row = own.loc[name]
            lost = "0 lost" if not row["lost_units"] else f"{count_change(float(row['lost_units']))} lost"
            back = "not back" if row["back"] == NEVER else f"back {row['back']}"
            later = float(row[column])
            delay = "nothing delivered" if math.isnan(later) else f"{later:.1f} {unit}"
            cells.append(f"{lost}; {delay}; {back}")
        rows.append([scenario, *cells])
    return made_grid(
        f"Struck without warning: units lost more than undisturbed; {unit} that a delivered unit comes later, on "
        "average over all; first period from which no more is late or lost than undisturbed",
        ["scenario", *names],
        rows,
    )


def lost_grid(tables: Tables, by: str, word: str) -> Grid:
    """Units lost more than undisturbed by product or customer, a row a policy and scenario."""
    table = tables["strikes_lost"]
    wide = table.pivot_table("lost_units", ["policy", "scenario"], by, "sum", fill_value=0.0, sort=False)
    names = sorted(map(str, wide.columns))
    keys = tables["strikes"][["policy", "scenario"]].itertuples(index=False, name=None)
    rows = [
        [f"{policy} / {scenario}", *(count(float(wide.loc[(policy, scenario), name])) for name in names)]
        for policy, scenario in keys
        if (policy, scenario) in wide.index
    ]
    return made_grid(f"Units lost more than undisturbed, struck without warning, by {word}", ["", *names], rows)


def verdict(findings: Findings, tables: Tables) -> str:
    """Which policy loses least to surprises, and where one with limits loses more than the first."""
    table = tables["strikes"]
    wide = table.pivot_table("loss", "scenario", "policy", "first", sort=False)
    names = [name for name in policy_names(findings) if name in wide.columns]
    whole = wide.dropna()
    if len(names) < 2 or whole.empty:
        return ""
    number = len(whole)
    if number == 1:
        return _verdict_of_one(findings, str(whole.index[0]), {name: float(whole[name].iloc[0]) for name in names})
    least = {name: int((whole[name] <= whole[names].min(axis=1)).sum()) for name in names}
    best = max(names, key=lambda name: least[name])
    text = f"{best} loses least in {least[best]} of {number} strikes"
    others = [f"{name} in {least[name]}" for name in names if name != best and least[name]]
    text += f" ({joined(others)})" if others else ""
    first, none = names[0], []
    parts = []
    for name in names[1:]:
        more = whole[name] - whole[first]
        worse = more[more > CLOSE * whole[[first, name]].abs().max(axis=1)].sort_values(ascending=False, kind="stable")
        if worse.empty:
            none.append(name)
            continue
        most = worse.index[0]
        one, two = (money(float(whole.loc[most, key]), findings.currency) for key in (name, first))
        parts.append(f"{name} loses more than {first} in {len(worse)} (most so in {most}: {one} against {two})")
    if none:
        verb = "loses" if len(none) == 1 else "lose"
        parts.append(f"{joined(none)} {'in none' if parts else f'{verb} more than {first} in none'}")
    return f"{text}. Of the same strikes {'; '.join(parts)}."


def _verdict_of_one(findings: Findings, scenario: str, losses: Mapping[str, float]) -> str:
    """Which policy loses least to a strike, by the loss of each."""
    least = min(losses.values())
    loss = money(least, findings.currency)
    best = [name for name, other in losses.items() if money(other, findings.currency) == loss]
    if len(best) == len(losses):
        return f"In {scenario} {joined(best)} lose the same, {loss}."
    rest = [f"{money(more, findings.currency)} {under(name)}" for name, more in losses.items() if name not in best]
    return (
        f"In {scenario} {joined(best)} {'loses' if len(best) == 1 else 'lose'} least: {loss}, against {joined(rest)}."
    )


def surprise(findings: Findings, tables: Tables) -> str:
    """The sentence on how much more a scenario costs without warning than known from the first period."""
    table = tables["strikes"]
    own = table[(table["policy"] == findings.label(findings.first)) & (table["known_loss"] > 0) & table["loss"].notna()]
    if own.empty:
        return ""
    more = own["loss"] - own["known_loss"]
    at = (more / own["known_loss"]).idxmax()
    row = own.loc[at]
    if float(more[at]) <= 0:
        return ""
    return (
        f"Foresight flatters most in {row['scenario']}: {under(str(row['policy']))} it costs "
        f"{money(float(row['loss']), findings.currency)} without warning and "
        f"{money(float(row['known_loss']), findings.currency)} if known from the first period "
        f"({percent(float(row['loss'] / row['known_loss'] - 1), 0)} more)."
    )


def _prices_differ(findings: Findings) -> bool:
    """Whether the highest prices of two products differ."""
    highest: dict[str, float] = {}
    for row in findings.instance.demand:
        highest[row.item] = max(row.price or 0.0, highest.get(row.item, 0.0))
    return len(set(highest.values())) > 1


def recovery_section(findings: Findings, tables: Tables) -> Section | None:
    """Curves and losses of every policy in every scenario that strikes without warning; None where none does."""
    if tables["strikes"].empty:
        return None
    broken = float(tables["strikes"]["broken_promises"].max())  # NaN where no strike has a plan
    about = (
        "Struck without warning: everything before the strike stays as the undisturbed plan has it, with the options "
        "bought then; from the strike on the rest is planned anew, with lead times and qualification as they are. "
        "Promises, limits among them, may be broken at a price, which is part of the loss"
    )
    if broken > 0:
        about += f" (at most {money(broken, findings.currency)} of it)"
    elif broken <= 0:
        about += ", but none is broken"
    about += (
        ". What a soft limit is missed by is charged as without a strike, and part of the loss too. A limit that is "
        "dearer to break than orders are to lose stops what is left as well: that part of a loss is the rule's doing."
    )
    late = (
        "Deliveries stay behind until late orders are caught up, which takes capacity that is not needed otherwise; "
        "what stays behind to the end is lost, or owed when the planned periods end."
    )
    if len(policy_names(findings)) > 1 and _prices_differ(findings):
        late += " Products differ in price, so that losses in money and in units can rank policies differently."
    lost = tables["strikes_lost"]
    folded = (lost_grid(tables, "item", "product"), lost_grid(tables, "customer", "customer")) if len(lost) else ()
    failed = [
        (f"{findings.label(row.policy)}, {row.scenario}", row.plan.message)
        for row in findings.studies.stressed
        if not isinstance(row.plan, Plan)
    ]
    return Section(
        "recovery",
        "How each policy breaks and recovers",
        tuple(text for text in (about, verdict(findings, tables), surprise(findings, tables), late) if text),
        (loss_grid(findings, tables), recovery_grid(findings, tables)),
        folded,
        lines=tuple(failed),
        lines_title="Strikes without a plan" if failed else "",
    )
