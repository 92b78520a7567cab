"""Random policies and scenarios for a random instance, each rule in every form that the format has."""

OVER = ["region", "region", "operator", "site", "cluster"]
CHANGES = ["capacity", "capacity", "outage", "demand", "price", "unit_cost", "freight", "tariff", "yield"]
CHANGES += ["lead_time", "lane_capacity", "stock"]


def _known(given, over):
    """Names that a limit may watch, of something that there is."""
    if over == "region":
        return sorted({*(site["region"] for site in given.sites), *given.groups})
    if over == "operator":
        return sorted({site.get("operator") or site["site"] for site in given.sites})
    return given.site_names if over == "site" else sorted({s["cluster"] for s in given.sites if "cluster" in s})


def _limit(given, k, *, floors):
    rng = given.rng
    over = rng.choice([over for over in OVER if _known(given, over)])
    pathway = given.chance(0.45)
    row = {"name": f"limit{k}", "measure": "pathway" if pathway else "stage", "over": over}
    few = len(_known(given, over)) <= 2 or not pathway
    row["of"] = rng.choice([*_known(given, over), *(["each"] if few else [])])
    made = sorted({given.stage_of[process["item"]] for process in given.mapping["processes"]})
    if not pathway:
        row["stage"] = rng.choice(made)
    if pathway and floors and given.chance(0.5):
        row["min_free"] = rng.choice([0, 0.1, 0.3, 1])
    else:
        row["max_share"] = rng.choice([0, 0.3, 0.5, 0.8, 1])
    row["per"] = rng.choice(["period", "horizon"])
    row["weight"] = rng.choice(["units", "units", "value"] + ([] if pathway else ["capacity"]))
    if given.chance(0.2):
        scope = [item for item in given.names if pathway or given.stage_of[item] == row["stage"]]
        row["items"] = given.some(sorted({item for _, item in given.ordered}) if pathway else scope)
    if pathway and given.chance(0.3):
        row["customers"] = given.some(sorted({customer for customer, _ in given.ordered}))
    if given.chance(0.3):
        row["period"] = given.window()
    if given.chance(0.75 if "min_free" in row else 0.4):
        row["soft_cost"] = rng.choice([0.0, 2.0, 30.0])
    return row


def policy(given, k):
    rng = given.rng
    policy = {"name": f"p{k}", "limits": [_limit(given, j, floors=True) for j in range(rng.choice([0, 1, 1, 2, 3]))]}
    if given.chance(0.25):
        buffer = {"periods_of_cover": rng.choice([0, 0.5, 1, 1.5, 3]), "period": given.window()}
        buffer |= {"stage": rng.choice(given.stages)} if given.chance(0.5) else {"items": given.some(given.names)}
        if given.chance(0.85):
            buffer["soft_cost"] = given.figure(0, 10)
        policy["buffers"] = [buffer]
    if given.chance(0.25):
        row = {"stage": rng.choice(given.stages)}
        if given.chance(0.6):
            row["max_sources"] = rng.choice([1, 2])
        if given.chance(0.5) or "max_sources" not in row:
            row["min_share_if_used"] = rng.choice([0.1, 0.3, 0.5])
        if "min_share_if_used" in row and given.chance(0.3):
            row["min_sources"] = rng.choice([1, row.get("max_sources", 2)])
        policy["sources"] = [row]
    if given.options and given.chance(0.3):
        policy["options"] = given.some(given.options) if given.chance(0.7) else []
    for limit in policy["limits"]:
        if limit["per"] == "horizon" and limit["of"] != "each" and given.chance(0.15):
            used = {"policy": policy["name"], "limit": limit["name"], "of": limit["of"]}
            total = given.figure(0, 50)
            inside = round(total * rng.choice([0, 0.5, 1]), 2)
            given.mapping.setdefault("limits_used", []).append(used | {"inside": inside, "total": total})
    return policy


def _where_sites(given):
    return given.rng.choice(
        [
            {},
            {"site": given.some(given.site_names)},
            {"region": given.rng.choice(sorted({site["region"] for site in given.sites}))},
            {"stage": given.rng.choice(given.stages)},
            {"item": given.some(given.names)},
        ]
    )


def _change(given):
    rng = given.rng
    kind = rng.choice(CHANGES)
    change = {"change": kind, "period": given.window()}
    lane = rng.choice(given.mapping["lanes"])
    lanes = {}
    for end in given.some(["from", "to"], 1 if given.chance(0.7) else 2):
        if given.chance(0.9):
            name = lane[end]
            region = name.startswith("region:")
            lanes |= {f"{end}_region": name.removeprefix("region:")} if region else {end: name}
    if given.chance(0.3) and lane["item"] != "*":
        lanes["item"] = lane["item"]
    if kind in {"capacity", "outage", "unit_cost", "yield"} or (kind == "lead_time" and given.chance(0.5)):
        where = _where_sites(given)
    elif kind in {"demand", "price"}:
        customer, item = rng.choice(given.ordered)
        where = rng.choice([{}, {"customer": customer}, {"item": item}, {"stage": given.stage_of[item]}])
    elif kind == "stock":
        stocked = [row["site"] for row in given.mapping["stocks"]] or given.site_names
        where = {} if given.chance(0.5) else {"site": rng.choice(stocked)}
    elif kind == "tariff":
        ends = dict(
            zip(("from_region", "to_region"), rng.sample(given.regions, min(2, len(given.regions))), strict=False)
        )
        where = {key: ends[key] for key in ends if given.chance(0.6)}
        where |= {"item": rng.choice(given.names)} if given.chance(0.3) else {}
    else:
        where = lanes or {"to_region": given.customers[0]["region"]}
    change["where"] = where
    if kind == "outage":
        return change | {"pipeline": rng.choice(["kept", "held"])}
    how = rng.choice(["factor", "factor", "set", "add"])
    figure = {
        "factor": [0, 0.5, 0.8, 1.3, 2],
        "set": [0, 1, given.figure(1, 60)],
        "add": [-0.5, given.figure(-2, 20), given.figure(1, 20)],
    }[how]
    if kind == "yield":
        how, figure = "factor", [0.5, 0.9]
    elif kind == "lead_time":
        how, figure = rng.choice([("add", [1, 1, 0.4]), ("factor", [0, 0.5, 1.5]), ("set", [0, 1])])
    elif kind == "tariff":
        how, figure = rng.choice([("add", [0.1, 0.25, 1]), ("factor", [0, 2]), ("set", [0, 0.3])])
    elif kind == "stock":
        change.pop("period")
    change[how] = rng.choice(figure)
    if kind != "stock" and given.chance(0.25) and change["period"] != "*":
        change["recovery"] = rng.choice([1, 2, 3])
    return change


def scenario(given, k):
    return {"name": f"w{k}", "changes": [_change(given) for _ in range(given.rng.choice([1, 1, 2, 3]))]}
