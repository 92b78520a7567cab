"""The findings of an audit as sentences, the most important first."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from planner.instance.instance import Instance
from planner.study.audit.capable_sites import CapableSites
from planner.study.audit.concentration import stage_in_unit, window_text
from planner.study.audit.largest_free_share import EVERY_PRODUCT, NOTHING, FreeOf
from planner.text.figures import count, joined

MUCH = 0.25
FEW = 3


class Words:
    """The names of an instance's regions, stages and recipes, for sentences."""

    def __init__(self, instance: Instance) -> None:
        """Read the names from an instance."""
        self.instance = instance
        self.horizon = window_text(instance, instance.report_periods)
        self.over = f"{'over' if len(instance.report_periods) > 1 else 'in'} {self.horizon}"
        self.period = instance.periods.length or "period"
        self._recipes = {(row.item, row.recipe): None for row in instance.processes if row.recipe != "standard"}
        self._stage = instance.stage_of

    def region(self, name: str) -> str:
        """The name of a region; the id of a region group, or of a region without a name."""
        return self.instance.settings.region_name(name)

    def stage(self, stage: str, items: Iterable[str]) -> str:
        """A stage with the recipes by which it makes some items, e.g. `packaging (cowos-l)`."""
        wanted = set(items)
        recipes = sorted({recipe for item, recipe in self._recipes if item in wanted and self._stage[item] == stage})
        return f"{stage} ({', '.join(recipes)})" if recipes else stage


def portion(share: float) -> str:
    """A share as a percentage with one decimal; a share below 1 is never rounded to 100 %."""
    if 0 < share < 5e-4:
        return "less than 0.1 %"
    return f"{min(100.0 * share, 99.9):.1f} %" if share < 1.0 - NOTHING else "100 %"


def split(text: object) -> list[str]:
    """The names in a cell that are joined by `+`; none for an empty cell."""
    return text.split("+") if isinstance(text, str) and text else []


def region_findings(words: Words, found: FreeOf, items: dict[str, frozenset[str]], makers: CapableSites) -> list[str]:
    """Sentences on what cannot be made without touching a region: the worst region first, its worst product first."""
    verdicts = found.verdicts
    if verdicts.empty:
        return [f"Nothing is ordered {words.over}, so that there is no share that a policy could promise."]
    blocked = verdicts[
        (verdicts["stopped_by"] != "") | (verdicts["waits_for"] != "") | (verdicts["share"] < verdicts["any_region"])
    ]
    groups = words.instance.region_groups
    lowest = blocked.groupby("region")["share"].min()
    whole = blocked[blocked["product"] == EVERY_PRODUCT].set_index("region")["share"].reindex(lowest.index)
    regions = sorted(lowest.index, key=lambda name: (name in groups, whole.fillna(lowest)[name], name))
    sentences = []
    for region in regions:
        rows = blocked[blocked["region"] == region]
        stages = found.stages[found.stages["region"] == region]
        sentences += [_all_products(words, row, stages) for row in _each(rows[rows["product"] == EVERY_PRODUCT])]
        single = rows[rows["product"] != EVERY_PRODUCT].sort_values(["share", "every_period", "product"])
        sentences += [_one_product(words, row, items[str(row["product"])], makers) for row in _each(single)]
    clear = [name for name in dict.fromkeys(verdicts["region"]) if name not in lowest.index]
    if clear:
        names = joined([words.region(name) for name in clear], "or")
        together = ", and all of them together" if len(items) > 1 else ""
        one = "any one of " if len(clear) > 1 else ""
        sentences.append(f"Free of {one}{names}: every product in full{together}.")
    return sentences


def _each(table: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _number(value: object) -> float:
    return float(str(value))


def _all_products(words: Words, row: dict[str, object], stages: pd.DataFrame) -> str:
    share, every = _number(row["share"]), _number(row["every_period"])
    at = stages[(stages["product"] == EVERY_PRODUCT) & (stages["share"] < 1.0 - NOTHING)].sort_values("share")
    ceilings = joined([f"{part.stage} {portion(part.share)}" for part in at.itertuples()])
    also = "" if share - every < 5e-4 else f", and at most {portion(every)} in every {words.period}"
    if every <= NOTHING < share:
        also = f", and not in every {words.period}"
    why = f" By itself, each stage lets through: {ceilings}." if ceilings else ""
    return (
        f"Free of {words.region(str(row['region']))}, all products together: at most {portion(share)} of the "
        f"{count(_number(row['demand']))} units ordered {words.over}{also}.{why}"
    )


def _one_product(words: Words, row: dict[str, object], items: Iterable[str], makers: CapableSites) -> str:
    product, share, first, full = str(row["product"]), _number(row["share"]), row["first"], row["full_from"]
    head = f"Free of {words.region(str(row['region']))}: "
    stopped, waits = split(row["stopped_by"]), split(row["waits_for"])
    if share <= NOTHING:
        return f"{head}no {product} at all {words.over}{_because(words, row, waits or stopped, items, makers)}."
    late = isinstance(first, str) and first != words.horizon.split("..")[0]
    parts = [
        f"at most {portion(share)} of {product} {words.over}"
        if share < 1.0 - NOTHING
        else f"all of {product} {words.over} only if orders wait"
    ]
    parts += [f"none until {first}"] if late else []
    parts += [f"all of what is due from {full} on"] if isinstance(full, str) and full != first else []
    also = [stage for stage in waits if stage not in stopped] if stopped and late else []
    until = f"; until {first} also by {joined(also)}" if also else ""
    return f"{head}{', '.join(parts)}{_because(words, row, stopped or waits, items, makers)}{until}."


def _because(
    words: Words, row: dict[str, object], stages: list[str], items: Iterable[str], makers: CapableSites
) -> str:
    """Words on the stage that limits the share, and the few sites that are left there outside the region."""
    if not stages:
        return ""
    items = frozenset(items)
    said = f"; stopped by {joined([words.stage(stage, items) for stage in stages])}"
    if len(stages) > 1:
        return said
    own = [item.item for item in words.instance.items if item.item in items and item.stage == stages[0]]
    left = makers.of(own, words.instance.regions_of(str(row["region"])))
    if not left:
        return f"{said}, for which there is no site outside"
    if len(left) > FEW:
        return said
    start = words.instance.report_periods[0]
    names = [
        f"{site} (from {words.instance.periods.labels[first]})" if first > start else site
        for site in left
        for first in [makers.first(site, own) or 0]
    ]
    return f"{said}, outside {words.region(str(row['region']))} only {joined(names)}"


def source_findings(words: Words, sources: pd.DataFrame) -> list[str]:
    """Sentences on items with a single source: one site, or several sites of one cluster, operator or region."""
    at = sources[(sources["single"] != "") | ((sources["makers"] == "") & (sources["recipe"] == "*"))]
    grouped: dict[tuple[str, str, str, str], list[str]] = {}
    for row in at.itertuples():
        name = row.item if row.recipe == "*" else f"{row.item} by {row.recipe}"
        grouped.setdefault((row.single, row.stage, row.makers, row.period), []).append(name)
    order = {stage: position for position, stage in enumerate(words.instance.stages)}

    def weight(key: tuple[str, str, str, str]) -> tuple[object, ...]:
        single, stage, sites, window = key
        found = split(single)
        return (bool(sites), "site" not in found, -len(found), window != words.horizon, order[stage], key)

    return [_source(words, key, grouped[key]) for key in sorted(grouped, key=weight)]


def _source(words: Words, key: tuple[str, str, str, str], items: list[str]) -> str:
    single, stage, makers, window = key
    sites = split(makers)
    when = "the whole of " * (window == words.horizon and len(words.instance.report_periods) > 1) + window
    what = f"{joined(items)} ({stage})"
    if not sites:
        return f"No site can start {what} in {window}."
    if len(sites) == 1:
        return f"One site, {sites[0]}, for {what}: {when}."
    home = {row.site: row for row in words.instance.sites}
    first = home[sites[0]]
    names = {
        "cluster": f"one hazard cluster ({first.cluster})",
        "operator": f"one operator ({first.operator})",
        "region": f"one region ({words.region(first.region)})",
    }
    behind = joined([names[over] for over in split(single) if over in names])
    return f"{len(sites)} sites but {behind} for {what}: {when}."


def behind_findings(words: Words, behind: pd.DataFrame) -> list[str]:
    """Sentences on operators and clusters with several sites that hold at least a quarter of a stage, largest first."""
    large = behind[behind["share"] >= MUCH]
    sentences = []
    for (over, of), part in sorted(large.groupby(["over", "of"]), key=lambda pair: (-pair[1]["share"].max(), pair[0])):
        held = behind[(behind["over"] == over) & (behind["of"] == of)].sort_values("share", ascending=False)
        shares = joined([f"{portion(row.share)} of {stage_in_unit(row)}" for row in held.itertuples() if row.share > 0])
        sites, regions = int(part["sites"].iloc[0]), joined([words.region(r) for r in split(part["regions"].iloc[0])])
        head = (
            f"One operator, {of}, is behind {sites} sites in {regions}"
            if over == "operator"
            else f"One event in the cluster {of} ({regions}) hits {sites} sites"
        )
        sentences.append(f"{head}: {shares} capacity.")
    return sentences


def capacity_findings(words: Words, capacity: pd.DataFrame, concentration: pd.DataFrame) -> list[str]:
    """Sentences on the share of each stage that its largest region and its largest operator hold."""
    sentences = []
    for (stage, unit), part in concentration.groupby(["stage", "unit"], sort=False):
        rows = part.set_index("over")
        region, operator = rows.loc["region"], rows.loc["operator"]
        held = capacity[(capacity["stage"] == stage) & (capacity["unit"] == unit) & (capacity["over"] == "region")]
        if math.isnan(float(region["share"])):
            sentences.append(_without_shares(words, stage, unit, capacity[capacity["stage"] == stage], held))
            continue
        with_options = held.set_index("of").loc[region["largest"]]
        options = (
            f", {portion(float(with_options['share_with_options']))} with every option"
            if held["options"].sum() > 0
            else ""
        )
        sentences.append(
            f"{stage.capitalize()} capacity {words.over}{f', in {unit}' if unit else ''}: "
            f"{words.region(str(region['largest']))} has {portion(float(region['share']))}{options} (HHI by region "
            f"{float(region['hhi']):,.0f}), {operator['largest']} {portion(float(operator['share']))} (HHI by operator "
            f"{float(operator['hhi']):,.0f})."
        )
    return sentences


def _without_shares(words: Words, stage: str, unit: str, whole: pd.DataFrame, held: pd.DataFrame) -> str:
    """Words on why a stage has no shares of capacity: some of it is unlimited, or there is none."""
    if whole["capacity"].map(math.isinf).any():
        return f"{stage.capitalize()}: some of its capacity is unlimited, so that it has no shares."
    sentence = f"{stage.capitalize()}: there is no capacity {words.over}{f' (in {unit})' if unit else ''}"
    added = held[held["options"] > 0]
    if added.empty:
        return f"{sentence}."
    shares = joined([f"{words.region(str(row.of))} {portion(row.share_with_options)}" for row in added.itertuples()])
    return f"{sentence}; of what every option would add: {shares}."
