"""What a plan's tables say that units have touched, checked from the raw rows of the instance in plain Python."""

from collections import defaultdict

from raw_reading import Reading
from recompute import at_most, records, same


class Watched:
    """What some pathway limits watch: {(over, of): (label, sites, regions)}."""

    def __init__(self, data, limits):
        groups = {
            "region": data.region,
            "operator": data.operator,
            "cluster": data.cluster,
            "site": {site: site for site in data.sites},
        }
        used = {row["site"] for row in [*data.rows("processes"), *data.standing()]}
        seen = {region for row in data.standing() for region in str(row.get("touched") or "").split("+")}
        self.named = {}
        for limit in limits:
            over = limit.get("over", "region")
            every = {groups[over][site] for site in used} | (seen if over == "region" else set())
            self.named[limit["name"]] = [
                (over, of) for of in ([limit["of"]] if limit["of"] != "each" else sorted(every - {""}))
            ]
        pairs = {pair for pairs in self.named.values() for pair in pairs}
        self.watches = {}
        for over, of in pairs:
            shared = sum(other == of for _, other in pairs) > 1
            members = set(data.members(of)) if over == "region" else {of}
            sites = {site for site in data.sites if groups[over][site] in members}
            label = f"{over}:{of}" if shared else of
            self.watches[over, of] = (label, sites, members if over == "region" else set())

    def of_work(self, site):
        return {label for label, sites, _ in self.watches.values() if site in sites}

    def of_stock(self, site, touched):
        seen = set(str(touched or "").split("+"))
        return self.of_work(site) | {label for label, _, regions in self.watches.values() if regions & seen}


def classes(text):
    """The watches in a label of the column `touched`, which are sorted and stand once."""
    parts = text.split("+") if text else []
    assert parts == sorted(set(parts)), text
    return frozenset(parts)


def check_classes(mapping, limits, plan):
    """Balances by class, what work adds, relabelling upward only, and the limits, from the exported tables alone."""
    data = Reading(mapping)
    watched = Watched(data, limits)
    at = {label: t for t, label in enumerate(data.labels)}
    terms = defaultdict(list)
    for table, window in (("stocks", lambda _: [0]), ("arrivals", lambda row: data.window(row["period"]))):
        for row in data.rows(table):
            touched = frozenset(watched.of_stock(row["site"], row.get("touched")))
            for t in window(row):
                quantity = float(row.get("opening", row.get("quantity", 0.0)))
                terms[row["site"], row["item"], t, touched].append(quantity)
    for row in records(plan, "production"):
        touched, t = classes(row["touched"]), at[row["period"]]
        assert watched.of_work(row["site"]) <= touched, row
        part = data.process[row["site"], row["item"], row["recipe"], t]
        terms[row["site"], row["item"], part["finish"], touched].append(row["started"] * part["yield"])
        for component, quantity in part["bill"].items():
            terms[row["site"], component, t, touched].append(-quantity * row["started"])
    delivered = []
    for row in records(plan, "shipments"):
        touched, t = classes(row["touched"]), at[row["period"]]
        terms[row["from"], row["item"], t, touched].append(-row["quantity"])
        arrive = data.lane[row["from"], row["to"], row["item"], t]["arrive"]
        if row["to"] in data.sites:
            terms[row["to"], row["item"], arrive, touched].append(row["quantity"])
        else:
            delivered.append((row["to"], row["item"], arrive, touched, row["quantity"]))
    for row in records(plan, "stock"):
        touched, t = classes(row["touched"]), at[row["period"]]
        terms[row["site"], row["item"], t, touched].append(-row["quantity"])
        terms[row["site"], row["item"], t + 1, touched].append(row["quantity"] if t + 1 < data.count else 0.0)
    for row in records(plan, "relabelled"):
        before, after, t = classes(row["touched"]), classes(row["as"]), at[row["period"]]
        assert before < after, row
        assert row["quantity"] > 0, row
        terms[row["site"], row["item"], t, before].append(-row["quantity"])
        terms[row["site"], row["item"], t, after].append(row["quantity"])
    for key, parts in terms.items():
        if key[2] < data.count:
            same(sum(parts), 0.0, parts, key)
    for limit in limits:
        _check_limit(data, watched, limit, delivered, plan)


def _check_limit(data, watched, limit, delivered, plan):
    rows = {(row["of"], row["period"]): row for row in records(plan, "limits") if row["limit"] == limit["name"]}
    window = data.window(limit.get("period", "*"))
    for times in [window] if limit.get("per") == "horizon" else [[t] for t in window]:
        period = "horizon" if limit.get("per") == "horizon" else data.labels[times[0]]

        def counted(customer, item, t, times=times):
            if t not in times or customer not in limit.get("customers", [customer]):
                return 0.0
            if item not in limit.get("items", [item]):
                return 0.0
            return data.value[item] if limit.get("weight") == "value" else 1.0

        demand = sum(counted(*key) * row["quantity"] for key, row in data.orders.items())
        total = sum(counted(*row[:3]) * row[4] for row in delivered)
        for over, of in watched.named[limit["name"]]:
            label = watched.watches[over, of][0]
            inside = sum(counted(*row[:3]) * row[4] for row in delivered if label in row[3])
            row = rows.get((of, period))
            excess = row["excess"] if row else 0.0
            assert excess == 0 or "soft_cost" in limit
            if "max_share" in limit:
                at_most(inside, limit["max_share"] * total + excess, (limit["name"], of, period))
                assert row or inside == 0
                share, out_of = inside, total
            else:
                at_most(limit["min_free"] * demand, total - inside + excess, (limit["name"], of, period))
                assert row or demand == 0
                share, out_of = total - inside, demand
            if row and out_of > 1e-6:
                same(row["share"], share / out_of, what=(limit["name"], of, period))
            if row:
                same(row["cost"], excess * limit.get("soft_cost", 0.0) * data.discount[times[-1]], what=row)
