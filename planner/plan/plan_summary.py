"""The summary of a plan, independent of the medium that shows it: a sentence, and blocks of figures."""

from __future__ import annotations

import math

import pandas as pd

from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.model.words.names import resource_name
from planner.plan.measures import pathway_summary
from planner.plan.measures.service import NOISE
from planner.plan.plan import Plan
from planner.text.blocks import Block, Summary
from planner.text.figures import count, money, nearly

MOST = 12  # rows of a block
ONE_MORE = {"resource": "the capacity of {name}", "lane": "the lane {name}"}  # what has a capacity


def plan_summary(plan: Plan) -> Summary:
    """The summary of a plan: what it does, costs and depends on, how it was checked, and the main figures.

    The blocks are cost, service, exposure, what binds, options, and what was solved; those without a row are left out.
    """
    settings = plan.instance.settings
    blocks = (_cost(plan), _service(plan), *_exposure(plan), *_binding(plan), _options(plan), _run(plan))
    return Summary(
        title=settings.title or settings.name,
        lines=(plan_answer(plan), *what_binds(plan), plan.certificate.in_words(plan.status, plan.gap)),
        blocks=tuple(block for block in blocks if len(block.table)),
    )


def choke_points_by_rent(points: pd.DataFrame) -> pd.DataFrame:
    """Choke points with their rent (shadow price * capacity, money) summed over all periods, the largest first.

    A resource is named with its site: two sites may each have a line of the same name.
    """
    names = points["name"].astype(object)
    places = [resource_name(*pair) for pair in zip(points["site"], names, strict=True)]
    named = names.where(points["kind"] != "resource", pd.Series(places, points.index, dtype=object))
    rent = points.assign(name=named, rent=points["shadow_price"] * points["capacity"])
    table = (
        rent.groupby(["kind", "name", "region", "stage"], sort=False)
        .agg(periods=("period", "count"), highest_shadow_price=("shadow_price", "max"), rent=("rent", "sum"))
        .reset_index()
    )
    return table.sort_values(["rent", "name"], ascending=[False, True], ignore_index=True)


def what_binds(plan: Plan) -> tuple[str, ...]:
    """Sentences on the choke point with the largest rent, and on the policy's limit with the largest rent."""
    currency, every = plan.instance.settings.currency, len(plan.instance.periods)
    points = plan.choke_points[plan.choke_points["shadow_price"] > 0]
    sentences = []
    for row in choke_points_by_rent(points[points["kind"] != "limit"]).head(1).itertuples():
        saved = money(row.highest_shadow_price, currency)
        periods = f" in {row.periods} of {every} periods" if every > 1 else ""
        if row.kind in ONE_MORE:
            what = ONE_MORE[row.kind].format(name=row.name)
            place = f" ({row.stage}, {row.region})" if row.stage and row.region else ""
            sentences.append(f"What binds most is {what}{place}, full{periods}; one more unit saves up to {saved}.")
        else:
            sentences.append(
                f"What binds most is the promise to serve {row.name}{periods}; one unit less saves up to {saved}."
            )
    limits = points[points["kind"] == "limit"].sort_values(["shadow_price", "name"], ascending=[False, True])
    for row in limits.head(1).itertuples():
        saved = money(row.shadow_price, currency)
        sentences.append(f"Of the policy's limits {row.name} costs most; one more unit inside saves up to {saved}.")
    return tuple(sentences)


def _reported(plan: Plan) -> list[str]:
    return list(plan.instance.report_labels)


def _span(labels: list[str] | tuple[str, ...]) -> str:
    return labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}"


def _when(plan: Plan, before: str) -> str:
    """The reported periods with a word before them; nothing where there is one period without a date."""
    periods = plan.instance.periods
    return "" if len(periods) == 1 and periods.length is None else before + _span(_reported(plan))


def plan_answer(plan: Plan) -> str:
    """What a plan delivers, costs and depends on, in a sentence or two.

    E.g. `The policy p delivers 40.9 M of the 42.4 M units ordered for 2027Q1 to 2028Q4 and loses none, ...`.
    """
    settings, service = plan.instance.settings, plan.service_summary
    text = "The plan without a policy" if plan.policy is None else f"The policy {plan.policy.name}"
    text += f", when {plan.scenario.name} happens," if plan.scenario else ""
    text += f" delivers {count(service['delivered'])} of the {count(service['demand'])} units ordered"
    before = plan.owed_before
    text += _when(plan, " for ") + (f" and the {count(before)} owed from before" if before else "")
    owed = before + service["demand"] - service["delivered"] - service["lost"]
    if owed > NOISE * (before + service["demand"]):
        text += f", owes {count(owed)} at the end of {_reported(plan)[-1]}"
    text += f" and loses {count(service['lost']) if service['lost'] > 0 else 'none'}, "
    text += f"at a cost of {money(plan.objective, settings.currency)} over all planned periods."
    regions = [row for row in plan.exposure_summary if row["over"] == "region"]
    if regions:
        touched = {row["of"]: row["share"] for row in pathway_summary(plan.exposure) if row["over"] == "region"}
        most = max(regions, key=lambda row: (row["share"], touched.get(row["of"], 0.0)))
        region = settings.region_name(most["of"])
        text += f" It depends most on {region}, where {nearly(most['share'])} of {most['stage']} is made"
        share = touched.get(most["of"])
        text += "." if share is None else f" and which {nearly(share)} of the units delivered have touched."
    return text


def _cost(plan: Plan) -> Block:
    costs = plan.costs[plan.costs["amount"] != 0]
    total = math.fsum(costs["amount"])
    table = pd.DataFrame(
        {
            "component": [*(str(name).replace("_", " ") for name in costs["component"]), "total"],
            "amount": [*costs["amount"], total],
            "share": [amount / total if total > 0 else math.nan for amount in (*costs["amount"], total)],
        }
    )
    note = f"{plan.instance.settings.currency}, over all planned periods, discounted"
    return Block("Cost", table, note, total=True)


def _service(plan: Plan) -> Block:
    orders = plan.service[plan.service["period"].isin(_reported(plan))]
    names = ["demand", "delivered", "late", "lost"]
    table = orders.groupby("item", sort=False)[names].sum().reset_index()
    if len(table) > MOST:
        table = table.iloc[:0]
    sums = {name: math.fsum(orders[name]) for name in names}
    table = pd.concat([table, pd.DataFrame([{"item": "total", **sums}])], ignore_index=True)
    table["fill_rate"] = 1 - table["lost"] / table["demand"].where(table["demand"] > 0)
    note = f"units{_when(plan, ' of ')}; late counts a unit once for each period that it is owed"
    return Block("Orders", table.rename(columns={"demand": "ordered"}), note, total=True)


def exposure_by_stage(plan: Plan, elsewhere: float = 0.0) -> pd.DataFrame:
    """The share of each stage's good units made in each region, a column a region, and the concentration `hhi`.

    Args:
        plan: the plan.
        elsewhere: the value for a region in which nothing of a stage is made.
    """
    rows = [row for row in plan.exposure_summary if row["over"] == "region"]
    regions = sorted({row["of"] for row in rows})
    held = {(row["stage"], row["of"]): row["share"] for row in rows}
    hhi = {row["stage"]: row["hhi"] for row in rows}
    table = pd.DataFrame(
        [
            {"stage": stage, **{region: held.get((stage, region), elsewhere) for region in regions}, "hhi": hhi[stage]}
            for stage in plan.instance.stages
            if stage in hhi
        ]
    )
    return table.round({"hhi": 0})


def touched_by_finished_units(plan: Plan) -> pd.DataFrame:
    """What delivered units touched at any stage: their share, where lots mix (`blended`), and at least."""
    rows = [row for row in pathway_summary(plan.exposure) if row["share"] > 0 or row["blended"] > 0]
    return pd.DataFrame(rows, columns=["of", "over", "share", "blended", "least"])


def _exposure(plan: Plan) -> list[Block]:
    table = exposure_by_stage(plan)
    shares = frozenset(table) - {"stage", "hhi"}
    note = f"share of the good units{_when(plan, ' of ')} by region; hhi: concentration, 10,000 is one region"
    blocks = [Block("Exposure: where each stage is made", table, note, shares, shares, drawn=True)]
    touched = touched_by_finished_units(plan).head(MOST)
    note = "share of deliveries that touched it at any stage; blended: lots mix; least: lots kept apart"
    return [*blocks, Block("Exposure of finished units", touched, note, bars=frozenset({"share"}))]


def _binding(plan: Plan) -> list[Block]:
    limits = plan.limits[plan.limits["shadow_price"].fillna(0) > 0]
    allowed = [name for name in ("max_share", "min_free") if limits[name].notna().any()]
    table = (
        limits.groupby(["limit", "of"], sort=False)
        .agg(
            periods=("period", "count"),
            **{name: (name, "first") for name in allowed},
            shadow_price=("shadow_price", "max"),
        )
        .reset_index()
        .sort_values("shadow_price", ascending=False, ignore_index=True)
    )
    money_word = plan.instance.settings.currency
    points = plan.choke_points
    points = points[(points["kind"] != "limit") & (points["shadow_price"] > 0)]
    rents = choke_points_by_rent(points).head(MOST).rename(columns={"highest_shadow_price": "shadow_price"})
    return [
        Block(
            "What binds: limits",
            table.head(MOST),
            f"shadow price: {money_word} that one more unit inside saves, the highest of its periods",
        ),
        Block(
            "What binds: choke points",
            rents,
            f"{money_word}; shadow price: the highest of its periods; rent: shadow price x capacity, over all of them",
        ),
    ]


def _options(plan: Plan) -> Block:
    table = plan.expansions[["option", "site", "period", "share", "capacity", "cost"]]
    return Block("Options bought", table, f"cost in {plan.instance.settings.currency}, discounted")


def _run(plan: Plan) -> Block:
    """The block that says what was solved, and with which solver."""
    settings, labels = plan.instance.settings, plan.instance.periods.labels
    about = {
        "instance": settings.name,
        "policy": _titled(plan.policy) if plan.policy else "none",
        "scenario": _titled(plan.scenario) if plan.scenario else "none",
        "status": plan.status if plan.status == "optimal" else f"{plan.status}, within {plan.gap:.2%} of the bound",
        "periods": f"{_span(labels)} planned, {_span(_reported(plan))} reported",
        "solver": f"{plan.solver}: {plan.method}",
        "size": f"{plan.sizes.get('columns', 0):,} columns, {plan.sizes.get('rows', 0):,} rows",
        "data": f"content hash {plan.base_hash[:16]}",
    }
    return Block("What was solved", pd.DataFrame({"what": list(about), "is": list(about.values())}))


def _titled(part: Policy | Scenario) -> str:
    return f"{part.name}: {part.title}" if part.title else part.name
