"""report.html of a sweep: the distribution of the figures, what drives them, the worst twentieth, and regret."""

from __future__ import annotations

from typing import Any

import pandas as pd

from planner.report.page.grids import Grid, made_grid
from planner.report.page.part import Section
from planner.report.page.templating import page_text, style
from planner.report.pictures.svg import Picture
from planner.report.pictures.sweep import amounts, drivers, indices, mean_regret, policy_name, scenario_name, spread
from planner.study.sweep.indices import COLUMNS
from planner.study.sweep.records import LEAST_GROUPS
from planner.study.sweep.result import Sweep
from planner.study.sweep.run_statistics import GROUP
from planner.text.cases import as_subject
from planner.text.figures import correlation, count, joined, percent

MEASURES = ("cost", "lost")
WHAT = {"cost": "cost", "lost": "lost units"}
DESIGNS = {"sample": "Latin hypercube", "sobol": "Sobol's sequence", "morris": "Morris's walks"}
INDICES = {"sobol": "What drives them: Sobol's indices", "morris": "What drives them: Morris's effects"}
INDEX_HEADS = {"sobol": ["first order", "±", "total order", "±"], "morris": ["effect", "size", "±", "spread"]}
INDEX_CAPTIONS = {
    "sobol": "Sobol's indices: shares of the variance, with half the width of an interval that holds 95 times of 100",
    "morris": "Morris's effects: the change over the whole range of a factor; size is without its sign, ± of size",
}
WALKS = (
    "Morris's walks go from end to end of each range, so what is extreme is drawn more often than it happens: "
    "read how the figures are spread, and shares of draws, as what can be and not as how probable it is."
)
FIRM = 0.1  # half the width of an interval of a share that is firm enough not to ask for more samples
MEANT = {
    "sobol": "A factor's first order is the share of the variance that would be gone if it alone were known; its total "
    "order is what would be left if all others were. What lies between the two is what it does together with others.",
    "morris": "The size of a factor's effect is how much it moves the figure over its whole range, without the sign; "
    "a spread near 0 says that it acts in a straight line and alone, a large one that it depends on the others.",
}


def sweep_page(found: Sweep) -> str:
    """The page as HTML: one file with everything in it, without scripts."""
    instance, question = found.asked.instance.settings, found.asked.question
    return page_text(
        "sweep.html.j2",
        title=question.title or question.name,
        instance=instance.title or instance.name,
        basis=basis(found),
        sections=sections(found),
        style=style(),
    )


def basis(found: Sweep) -> str:
    """Which runs the sweep consists of, in one or two sentences."""
    question = found.asked.question
    drawn = "every combination of their figures" if question.mode == "grid" else f"{question.draws:,} draws"
    seed = f" ({DESIGNS[question.mode]}, seed {question.seed or 0})" if question.mode in DESIGNS else ""
    factors, more = found.factors[:6], len(found.factors) - 6
    named = joined([*factors, f"{more} more"] if more > 0 else factors)
    without = len(found.runs) - found.plans
    text = (
        f"{len(found.runs):,} runs: {_several(len(question.policies), 'policy', 'policies')}, "
        f"{_several(len(question.scenarios), 'scenario', 'scenarios')}, {drawn} of {named}{seed}. "
        "Each run is planned knowing its figures from the first period, and its plan is certified."
    )
    text += f" {without:,} of the runs have no plan: runs.csv says why." if without else ""
    return f"{text} {WALKS}" if question.mode == "morris" else text


def sections(found: Sweep) -> list[tuple[Section, list[Picture]]]:
    """The parts of the page with their pictures, those without anything to show left out."""
    parts = [
        (
            Section("spread", "How the figures are spread", spread_words(found), (quantile_grid(found),)),
            [spread(found, measure) for measure in MEASURES],
        ),
        (
            Section("drivers", "What drives them", grids=(driver_grid(found),)),
            [drivers(found, measure) for measure in MEASURES],
        ),
        *index_section(found),
        (Section("worst", "The worst twentieth", text=tuple(worst_words(found))), []),
        (Section("regret", "Regret, and who beats whom", tuple(winners(found)), compared(found)), []),
    ]
    told = [(section, [picture for picture in pictures if picture is not None]) for section, pictures in parts]
    return [(section, pictures) for section, pictures in told if pictures or section.text or section.grids]


def quantile_grid(found: Sweep) -> Grid:
    """Quantiles, mean and CVaR of each policy and scenario."""
    figures = ["p05", "p25", "p50", "p75", "p95", "mean", "cvar95"]
    rows = []
    for row in found.quantiles.to_dict("records"):
        written = amounts(found, row["measure"])
        of = f"{row['plans']:,} of {row['runs']:,}"
        rows.append([*_named(row), WHAT[row["measure"]], of, *(written(float(row[name])) for name in figures)])
    head = ["policy", "scenario", "of", "plans", "5 %", "25 %", "median", "75 %", "95 %", "mean", "worst twentieth"]
    caption = "Quantiles of cost (all planned periods, discounted) and of lost units (reported periods), over plans"
    return made_grid(caption, head, rows, (0, 1, 2))


def spread_words(found: Sweep) -> tuple[str, ...]:
    """The sentence that nothing is lost, where that is so, because its picture would be empty; else empty."""
    lost = found.runs["lost"].dropna()
    return ("No unit is lost in any run that has a plan.",) if len(lost) and lost.max() == 0 else ()


def driver_grid(found: Sweep) -> Grid:
    """Rank correlations: a row a policy, scenario and measure, a column a factor."""
    rows = []
    table = found.correlations
    for names, group in table.groupby(["policy", "scenario", "measure"], sort=False, dropna=False):
        ranks = group.set_index("factor")["rank"]
        cells = ["–" if pd.isna(ranks[name]) else correlation(float(ranks[name])) for name in found.factors]
        rows.append([policy_name(names[0]), scenario_name(names[1]), WHAT[names[2]], *cells])
    return made_grid("Rank correlation (Spearman)", ["policy", "scenario", "of", *found.factors], rows, (0, 1, 2))


def index_section(found: Sweep) -> list[tuple[Section, list[Picture | None]]]:
    """The part of the page with Sobol's indices or Morris's effects, where the mode of the sweep gives them."""
    mode = found.asked.question.mode
    if mode not in INDICES:
        return []
    text = (MEANT[mode], *index_words(found))
    section = Section("indices", INDICES[mode], text, grids=(index_grid(found),))
    return [(section, [indices(found, measure) for measure in MEASURES])]


def index_words(found: Sweep) -> list[str]:
    """For each policy and scenario the factor that drives the cost most, and how many groups of draws were left out."""
    mode, written, sentences = found.asked.question.mode, amounts(found, "cost"), []
    for names, group in found.indices.groupby(GROUP, sort=False, dropna=False):
        who = f"{policy_name(names[0])}, {scenario_name(names[1])}"
        of_cost = group[group["measure"] == "cost"]
        groups, complete = int(of_cost["groups"].iloc[0]), int(of_cost["complete"].iloc[0])
        by = COLUMNS[mode][2] if mode == "sobol" else COLUMNS[mode][1]
        told = of_cost[of_cost[by].notna()].sort_values(by, ascending=False, kind="stable")
        if len(told):
            first = told.iloc[0]
            if mode == "sobol":
                alone, within, total = (percent(float(first[name]), 0) for name in COLUMNS[mode][:3])
                words = (
                    f"{first['factor']} drives the cost most: {alone} of its variance alone (± {within}), "
                    f"{total} with what it does to others"
                )
                if first["first_order_within"] > FIRM:
                    words += "; that is wide, and more samples would narrow it"
            else:
                words = (
                    f"{first['factor']} moves the cost most, by {written(float(first['size']))} over its range "
                    f"(± {written(float(first['size_within']))})"
                )
            sentences.append(f"{who}: {words}.")
        elif complete >= LEAST_GROUPS:
            sentences.append(f"{who}: the cost is the same in all draws, so nothing drives it.")
        if complete < groups:
            left = (
                "so nothing can be said"
                if complete < LEAST_GROUPS
                else "and are left out; the rest speaks only of draws"
            )
            tail = "" if complete < LEAST_GROUPS else " that have plans, as a hint and no more where many are missing"
            sentences.append(
                f"{who}: {groups - complete:,} of {groups:,} groups of draws have a run without a plan, {left}{tail}."
            )
    return sentences


def index_grid(found: Sweep) -> Grid:
    """The figures of each factor."""
    mode, rows = found.asked.question.mode, []
    for row in found.indices.to_dict("records"):
        shown = (lambda share: percent(share, 1)) if mode == "sobol" else amounts(found, row["measure"])
        figures = [shown(float(row[name])) for name in COLUMNS[mode]]
        of = f"{row['complete']:,} of {row['groups']:,}"
        rows.append([*_named(row), WHAT[row["measure"]], row["factor"], *figures, of])
    head = ["policy", "scenario", "of", "factor", *INDEX_HEADS[mode], "groups"]
    return made_grid(INDEX_CAPTIONS[mode], head, rows, (0, 1, 2, 3))


def worst_words(found: Sweep) -> list[str]:
    """A sentence on the worst twentieth of each policy and scenario."""
    written = amounts(found, "cost")
    return [
        f"{policy_name(part.policy)}, {scenario_name(part.scenario)}: "
        f"{'the worst run costs' if part.runs == 1 else f'the worst {part.runs:,} runs cost'} {written(part.cost)}"
        f"{'' if part.runs == 1 else ' or more'}, with {count(part.lost)} units lost "
        f"({count(part.usually_lost)} on average over all). Drawn in them: {part.words}."
        + (f" {_several(part.without, 'run has', 'runs have')} no plan at all." if part.without else "")
        for part in found.worst
    ]


def winners(found: Sweep) -> list[str]:
    """For each scenario, how often a policy has the least cost, and the mean regret of it."""
    sentences = []
    for scenario, group in mean_regret(found, "cost").groupby("scenario", sort=False, dropna=False):
        written = amounts(found, "cost")
        first = group.sort_values(["best", "mean"], ascending=[False, True], kind="stable").iloc[0]
        regret = (
            f"chosen before the draw is known, it costs {written(float(first['mean']))} more than the best of each "
            f"draw on average, and {written(float(first['most']))} at most"
        )
        if first["best"] == 1:
            regret = "whoever chooses it before the draw is known has nothing to regret"
        who = as_subject(policy_name(first["policy"]))
        sentences.append(
            f"{scenario_name(scenario)}: {who} costs least, alone or with others, in "
            f"{percent(float(first['best']))} of draws; {regret}."
        )
    return sentences


def compared(found: Sweep) -> tuple[Grid, ...]:
    """Regret, and the probability that a policy beats another one."""
    if len(found.asked.question.policies) < 2:
        return ()
    regret = [
        [
            *_named(row),
            WHAT[row["measure"]],
            percent(float(row["best"])),
            *(amounts(found, row["measure"])(float(row[name])) for name in ("mean", "p50", "p95", "most")),
        ]
        for row in found.regret.to_dict("records")
    ]
    better = [
        [
            policy_name(row["policy"]),
            policy_name(row["against"]),
            scenario_name(row["scenario"]),
            WHAT[row["measure"]],
            percent(float(row["probability"])),
            percent(float(row["equal"])),
        ]
        for row in found.better.to_dict("records")
    ]
    return (
        made_grid(
            "Regret: by how much a policy is worse than the best of the same draw, over draws in which it has a plan",
            ["policy", "scenario", "of", "best in", "mean", "median", "95 %", "most"],
            regret,
            (0, 1, 2),
        ),
        made_grid(
            "How often a policy beats another one in the same draw (it has less, or alone has a plan)",
            ["policy", "against", "scenario", "in", "beats it", "equal"],
            better,
            (0, 1, 2, 3),
        ),
    )


def _named(row: dict[Any, Any]) -> list[str]:
    return [policy_name(row["policy"]), scenario_name(row["scenario"])]


def _several(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
