"""Every figure of the instance's README that a plan or a table gives is made here.

A figure stands between `<!-- made: NAME -->` and `<!-- /made -->`; a function of `figure("NAME")` writes it. The quick
ones are compared in every run of the tests, those that take many solves with `-m slow`. With `--regenerate` they are
written anew: `pytest tests/instances --regenerate -m "slow or not slow"`, and read the difference before you keep it.
"""

import fcntl
import re

import pytest
import resilience_figures  # noqa: F401  (its figures are marked like those below)
from accelerators import (
    BN,
    MILLION,
    POLICIES,
    TAIWAN,
    first,
    loss,
    loss_with_options,
    loss_without_limits,
    made,
    position,
    reported,
    service_by,
    solved,
    touched_share,
    touching,
    with_shares,
)
from marked import FIGURES, bn, figure, more, percent, table
from shipped import FOLDER, shipped, undisturbed

import planner
from planner.instance.policy import Limit

pytestmark = pytest.mark.shipped

README = FOLDER / "README.md"
MARKED = re.compile(r"(<!-- made: ([\w-]+) -->)(.*?)(<!-- /made -->)", re.DOTALL)
PHYSICAL = (
    "tainan-quake",
    "ap8-fire",
    "taiwan-quarantine",
    "taiwan-blockade",
    "taiwan-packaging-halt",
    "taiwan-packaging-halt-2028",
    "korea-hbm-outage",
)
SHOWN_LOSSES = (
    "taiwan-packaging-halt",
    "taiwan-packaging-halt-2028",
    "taiwan-quarantine",
    "taiwan-blockade",
    "us-packaging-slip",
)
LAST = "2028Q4"


# From the tables and policies


def path(policy, stage, between):
    limits = sorted((limit for limit in shipped().policy(policy).limits if limit.stage == stage), key=first)
    return f"{percent(limits[0].max_share)}{between}{percent(limits[-1].max_share)}"


@figure("limits-front-end-only")
def limits_front_end_only():
    front, every = (shipped().policy(name).limits for name in ("front-end-only", "diversified"))
    assert {limit for limit in every if limit.stage == "wafer"} == set(front)
    last = max(front, key=first)
    return f"{path('front-end-only', 'wafer', ' at first, ')} by {last.period.removesuffix('..')}"


@figure("limits-packaging")
def limits_packaging():
    return path("diversified", "packaging", " to ")


@figure("limits-test")
def limits_test():
    return path("diversified", "test", " to ")


@figure("limits-each")
def limits_each():
    share = {limit.name: percent(limit.max_share) for limit in shipped().policy("diversified").limits}
    return (
        f"any one region at most {share['memory-any-region']} of memory and {share['substrate-any-region']} of "
        f"substrates; any one memory maker {share['memory-any-operator']}"
    )


@figure("duty-on-price")
def duty_on_price():
    value = {item.item: item.value for item in shipped().items}
    ratios = [row.price / value[row.item] for row in shipped().demand if row.item not in {"tpu7", "trn3"}]
    return f"{min(ratios):.1f} to {max(ratios):.1f} times"


@figure("per-wafer")
def per_wafer():
    price = {row.item: row.price for row in shipped().demand}
    packages = {
        row.item.removesuffix("-package"): 1 / row.capacity_use
        for row in shipped().processes
        if row.item.endswith("-package") and row.recipe != "emib-t"
    }
    worth = {item: packages[item] * price[item] for item in packages}
    assert min(worth, key=worth.get) == "trn3"
    return (
        f"{packages['trn3']:.0f} packages at {price['trn3']:,.0f} USD against {packages['rubin']:.0f} Rubin at "
        f"{price['rubin']:,.0f}"
    )


@figure("duty-quota")
def duty_quota():
    wafer = {row.site for row in shipped().processes if row.item.endswith("-die")}
    region = {site.site: site.region for site in shipped().sites}
    quota = {}
    for label in reported():
        at = position(label)
        amount = dict.fromkeys(region.values(), 0.0)
        for row in shipped().capacities:
            if row.site in wafer and at in shipped().periods.window(row.period):
                amount[region[row.site]] += row.capacity
        quota[label] = 1.5 * amount["US"] / amount[TAIWAN]
    start, *_, end = quota.values()
    return f"{percent(start)} in {reported()[0]}, {percent(end)} in {reported()[-1]}"


@figure("probabilities")
def probabilities():
    total = sum(scenario.probability or 0.0 for scenario in shipped().scenarios)
    physical = sum(shipped().scenario(name).probability for name in PHYSICAL)
    assert physical == pytest.approx(0.25)
    return f"Sum {total:.4f}; the rest, {1 - total:.4f}, is the undisturbed plan"


# From the undisturbed plans


@figure("cost-of-policies")
def cost_of_policies():
    start = undisturbed("concentrated").objective
    extra = {name: undisturbed(name).objective - start for name in POLICIES}
    return (
        f"{bn(extra['front-end-only'])} bn more than `concentrated`, `diversified` {bn(extra['diversified'])} bn "
        f"({percent(extra['diversified'] / start, 1)})"
    )


@figure("diversified-parts")
def diversified_parts():
    costs = [undisturbed(name).costs.set_index("component")["amount"] for name in ("concentrated", "diversified")]
    parts = (costs[1] - costs[0]) / BN
    rest = parts.sum() - parts["expansion"] - parts["production"]
    return f"{parts['expansion']:.1f} bn of capital, {parts['production']:.1f} bn of dearer work, {rest:+.1f} bn of the rest"


@figure("opening-backlog")
def opening_backlog():
    late = undisturbed("concentrated").service
    late = late[(late["period"] == "2026Q4") & (late["late"] > 0)]
    assert set(late["item"]) == {"trn3"}
    return f"{late['late'].sum() / MILLION:.2f} M Trainium3"


@figure("ends")
def ends():
    amounts = made(undisturbed("concentrated"))
    labels = shipped().periods.labels
    shown = labels[position(reported()[0]) - 1 : position(reported()[-1]) + 2]
    rows = [
        [stage, *(f"{100 * amounts.loc[stage, label] / amounts.loc[stage, reported()[0]]:.0f}" for label in shown)]
        for stage in shipped().stages
    ]
    return table(["started", *shown], rows)


@figure("sag")
def sag():
    wafers = made(undisturbed("front-end-only")).loc["wafer", reported()]
    change = wafers.pct_change()
    return f"{percent(-change.min())} in {change.idxmin()}"


@figure("first-emib")
def first_emib():
    production = undisturbed("concentrated").production
    starts = production[(production["item"] == "tpu7-package") & production["site"].str.startswith("intel")][
        "period"
    ].min()
    return f"started in {starts}"


@figure("owed")
def owed():
    late = service_by(undisturbed("concentrated"), "period")["late"]
    lost = undisturbed("concentrated").service["lost"].sum()
    assert lost == 0
    last = late[late > 0].index[-1]
    return (
        f"at most {late.max() / MILLION:.1f} M units are owed, at the end of {late.idxmax()}, "
        f"{late[LAST] / MILLION:.1f} M at the end of {LAST} and none after {last}"
    )


@figure("without-options", slow=True)
def without_options():
    policy = shipped().policy("concentrated").model_copy(update={"options": ()})
    service = service_by(planner.solve(shipped(), policy=policy), "period")
    share = service["lost"] / service["demand"]
    return f"{percent(share['2026Q4'])} of units in 2026Q4 and {percent(share[LAST])} in {LAST}"


@figure("who-waits")
def who_waits():
    by_item = {name: service_by(undisturbed(name), "item") for name in POLICIES}
    assert all(rows["lost"].sum() == 0 for rows in by_item.values())
    shares = [
        by_item[name].loc["trn3", "late"] / by_item[name]["late"].sum() for name in ("concentrated", "diversified")
    ]
    return (
        f"{percent(shares[0])} of what waits in `concentrated` and {percent(shares[1])} in `diversified` (the rest is "
        "TPU); nothing is lost"
    )


@figure("outside-packaging")
def outside_packaging():
    shares = []
    for name in POLICIES:
        use = undisturbed(name).choke_points
        use = use[
            (use["kind"] == "resource")
            & (use["stage"] == "packaging")
            & (use["region"] != TAIWAN)
            & use["period"].str.startswith("2027")
        ]
        shares.append(use["used"].sum() / use["capacity"].sum())
    return f"{percent(min(shares))} used in the least of the three plans"


@figure("rubin-stays")
def rubin_stays():
    plan = undisturbed("diversified")
    made_units = plan.production[
        (plan.production["item"] == "rubin-package") & plan.production["period"].isin(reported())
    ]
    share = made_units.loc[made_units["region"] == TAIWAN, "finished"].sum() / made_units["finished"].sum()
    orders = plan.service[plan.service["period"].isin(reported())]
    sales = (orders["price"] * orders["demand"]).groupby(orders["item"]).sum()
    return f"Rubin, {percent(sales['rubin'] / sales.sum())} of the value of orders, is packaged in Taiwan to {percent(share)}"


@figure("rents")
def rents():
    rows = []
    for name in POLICIES:
        points = undisturbed(name).choke_points
        points = points[points["period"].isin(reported())]
        limits = points[(points["kind"] == "limit") & (points["shadow_price"] > 1e-6)]
        assert set(limits["stage"]) <= {"wafer", "packaging", "test"}  # those of memory and substrates do not bind
        points = points[points["kind"] == "resource"]
        worth = points["shadow_price"] * points["capacity"]
        by_stage = worth.groupby(points["stage"]).sum()
        abroad = worth[points["region"] != TAIWAN].groupby(points["stage"]).sum()
        rows.append([f"`{name}`", *(f"{bn(by_stage[stage])} ({bn(abroad[stage])})" for stage in shipped().stages)])
    return table(["bn USD", *shipped().stages], rows)


# From many solves


def variants():
    """Words, policy: what the path of `diversified` is compared with."""
    policy = shipped().policy("diversified")

    def from_quarter(period):
        return lambda start: start >= position(period)

    def at_most(stage, share, period):
        return with_shares(policy, (stage,), lambda _: share, from_quarter(period))

    def lower(stages, points, end=None):
        return with_shares(
            policy, stages, lambda share: share - points / 100, lambda start: end is None or start <= position(end)
        )

    for share in (58, 54, 53, 52, 50, 45):
        words = f"packaging in Taiwan at most {share} % from 2028Q3 (shipped: 62 %)" if share == 58 else f"{share} %"
        yield words, at_most("packaging", share / 100, "2028Q3")
    yield "packaging 5 points lower to 2027Q4", lower(("packaging",), 5, "2027Q4")
    yield "10 points lower to 2027Q4", lower(("packaging",), 10, "2027Q4")
    yield "test in Taiwan at most 70 % from 2028Q3 (shipped: 74 %)", at_most("test", 0.70, "2028Q3")
    yield "wafers in Taiwan at most 68 % from 2028Q4 (shipped: 76 %)", at_most("wafer", 0.68, LAST)
    yield "all limits on Taiwan 5 points lower, all quarters", lower(("wafer", "packaging", "test"), 5)


@figure("glide", slow=True)
def glide():
    base = solved("diversified")

    def row(words, found):
        lost = percent(found.lost_share, 1) if found.lost_share > 5e-4 else "none"
        cost = "-" if found is base else more(found.cost - base.cost)
        return [words, cost, lost, f"{found.late / MILLION:.1f} M"]

    found = {words: solved(policy) for words, policy in variants()}
    assert found["53 %"].lost == 0 < found["52 %"].lost  # the prose below the table
    rows = [row("as shipped", base), *(row(words, plan) for words, plan in found.items())]
    return table(["instead", "cost", "lost in the reported quarters", "waiting, unit-quarters"], rows)


@figure("rubin-limit", slow=True)
def rubin_limit():
    limit = Limit(
        name="rubin-taiwan",
        measure="stage",
        stage="packaging",
        of=TAIWAN,
        max_share=0.88,
        items=("rubin-package",),
        period="2028Q3..",
    )
    policy = shipped().policy("diversified")
    found = solved(policy.model_copy(update={"limits": (*policy.limits, limit)}))
    assert found.lost == 0
    return more(found.cost - solved("diversified").cost)


@figure("late-cost", slow=True)
def late_cost():
    moved, lost = [], []
    for factor in (0.5, 2.0):
        rows = [
            row if row.late_cost is None else row.model_copy(update={"late_cost": row.late_cost * factor})
            for row in shipped().demand
        ]
        plans = {name: planner.solve(shipped().replace(demand=rows), policy=name) for name in POLICIES}
        moved += [abs(plans[name].objective / undisturbed(name).objective - 1) for name in POLICIES]
        lost.append(plans["concentrated"].service_summary)
        assert sorted(POLICIES, key=lambda name: plans[name].objective) == list(POLICIES)
    return (
        f"moves the cost of a plan by at most {percent(max(moved), 1)} and not the ranking of the policies; doubled, "
        f"`concentrated` gives up {percent(lost[1]['lost'] / lost[1]['demand'], 1)} of the orders instead of letting them wait"
    )


@figure("front-end", slow=True)
def front_end():
    """What of the money that end-to-end costs, and of the units that it frees of Taiwan, the wafer limits are."""
    cost = {name: undisturbed(name).objective for name in ("concentrated", "front-end-only", "end-to-end")}
    free = {name: 1 - touching(name) for name in cost}
    money, units = (
        (part["front-end-only"] - part["concentrated"]) / (part["end-to-end"] - part["concentrated"])
        for part in (cost, free)
    )
    assert units < money  # the sentence: more of the money than of the independence
    return f"{percent(money)} of the money of `end-to-end` buys {percent(units)} of its independence"


@figure("front-end-halt", slow=True)
def front_end_halt():
    halt = "taiwan-packaging-halt"
    with_limits, without = loss("front-end-only", halt), loss("concentrated", halt)
    return f"a loss of {bn(with_limits)} bn in `{halt}`, against {bn(without)} bn without them"


@figure("n3-limited", slow=True)
def n3_limited():
    cells = []
    base = solved("concentrated", "n3-limited").cost
    for name in (*POLICIES, "end-to-end"):
        view = solved(name, "n3-limited")
        touched = planner.solve(shipped(), policy=name, scenario="n3-limited")
        cells.append(
            [
                f"`{name}`",
                bn(solved(name).cost),
                bn(view.cost),
                "-" if view.cost == base else more(view.cost - base, 2),
                percent(view.lost_share),
                percent(touched_share(touched), 1),
            ]
        )
    return table(
        ["", "cost, bn USD", "under `n3-limited`", "against `concentrated`", "lost there", "touched Taiwan there"],
        cells,
    )


@figure("n3-wafers", slow=True)
def n3_wafers():
    """Where N3 binds the plan without limits buys Arizona's N3 lines by itself, and the wafer limits ask little more."""
    found = planner.solve(shipped(), policy="concentrated", scenario="n3-limited")
    share = dict(zip(found.expansions["option"], found.expansions["share"], strict=True))["arizona-n3-acceleration"]
    extra = solved("front-end-only", "n3-limited").cost - solved("concentrated", "n3-limited").cost
    assert 0 <= extra < BN / 2
    return f"`concentrated` buys {percent(share)} of Arizona's N3 lines by itself, and the wafer limits add {bn(extra, 2)} bn"


WAYS = {
    "re-solved": loss,
    "with only the options it had bought anyway": loss_with_options,
    "with those, and limits lifted from the blow on": loss_without_limits,
}


@figure("losses", slow=True)
def losses():
    rows = []
    for name in SHOWN_LOSSES:
        figures = [
            *(way("concentrated", name) for way in (loss, loss_with_options)),
            *(way("diversified", name) for way in WAYS.values()),
        ]
        rows.append([f"`{name}`", *(bn(amount, 0 if amount > 200 * BN else 1) for amount in figures)])
    known, bought, lifted = WAYS
    return table(
        [
            "scenario",
            *(f"concentrated, {words}" for words in (known, bought)),
            *(f"diversified, {words}" for words in (known, bought, lifted)),
        ],
        rows,
    )


@figure("fifth", slow=True)
def fifth():
    halt = "taiwan-packaging-halt-2028"
    saved = 1 - loss_with_options("diversified", halt) / loss_with_options("concentrated", halt)
    return f"take {percent(saved)} off a packaging halt"


@figure("worth", slow=True)
def worth():
    extra = solved("diversified").cost - solved("concentrated").cost

    def saved(way, *names):
        usual = loss if way is loss else loss_with_options  # `concentrated` has no limits to lift
        return sum(
            shipped().scenario(name).probability * (usual("concentrated", name) - way("diversified", name))
            for name in names
        )

    rows = []
    for words, way in WAYS.items():
        blows, slip = saved(way, *PHYSICAL), saved(way, "us-packaging-slip")
        assert blows < extra  # the physical events alone do not pay for it
        duty = saved(loss if way is loss else loss_with_options, "section-232-phase-2")  # no reason to lift a limit
        rows.append(
            [
                words,
                f"{blows / BN:.2f} ({percent(blows / extra)})",
                f"{slip / BN:+.2f}",
                f"{duty / BN:+.2f}",
                f"{(blows + slip + duty) / BN:+.2f}",
            ]
        )
    return table(
        [
            "bn USD, times probability",
            f"physical events (of the {bn(extra)} that it costs)",
            "slip",
            "duty",
            "together",
        ],
        rows,
    )


# The README holds them


def shown():
    return {name: text for _, name, text, _ in MARKED.findall(README.read_text(encoding="utf-8"))}


def write_anew(name, text):
    with README.open("r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # the tests run in two processes
        old = file.read()
        new = MARKED.sub(lambda match: match[1] + text + match[4] if match[2] == name else match[0], old)
        file.seek(0)
        file.write(new)
        file.truncate()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if part.slow else name for name, part in FIGURES.items()]
)
def test_figure_is_remade(name, regenerate):
    text = FIGURES[name].write()
    if regenerate:
        write_anew(name, text)
    else:
        assert shown()[name] == text


def test_marks_and_figures_agree():
    text = README.read_text(encoding="utf-8")
    assert text.count("<!-- made: ") == text.count("<!-- /made -->") == len(shown())
    assert set(shown()) == set(FIGURES)


def test_marks_do_not_spoil_the_page():
    """A line that begins with a comment is raw HTML to its end: only tables may begin so, on a line of their own."""
    for line in README.read_text(encoding="utf-8").splitlines():
        assert not line.startswith("<!--") or re.fullmatch(r"<!-- [^>]* -->", line), line
