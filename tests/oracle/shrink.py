"""A smaller instance on which a disagreement persists: rows, features and figures are left out greedily."""

from copy import deepcopy

from .compare import Asked, dissent

OPTIONAL = ("period", "lead_time", "yield", "min_lot", "must_serve", "late_cost", "holding_cost", "minimum", "maximum")
OPTIONAL += ("closing_minimum", "touched", "worked_here", "fixed_cost", "all_or_nothing", "soft_cost", "items")
OPTIONAL += ("customers", "unit_cost", "value", "capacity_use", "resource", "operator", "cluster", "bought", "recovery")
SETTINGS = ("discount_rate", "holding_rate", "stock", "elapsed", "report_periods", "region_groups")


def only(mapping, policy, scenario):
    """The instance with the policy and scenario of one question alone."""
    small = deepcopy(mapping)
    for kind, name in (("policies", policy), ("scenarios", scenario)):
        small[kind] = [part for part in small.get(kind, []) if part["name"] == name]
    small["limits_used"] = [row for row in small.get("limits_used", []) if row["policy"] == policy]
    return {name: value for name, value in small.items() if value != []}


def disagrees(mapping, policy, scenario, whose):
    """Whether one of those who disagreed still does."""
    try:
        return bool(
            set(whose) & set(dissent(Asked(mapping).answers(policy, scenario, [w for w in whose if w != "oracle"])))
        )
    except Exception:  # noqa: BLE001 (an instance that cannot be read any more is none)
        return False


def shrunk(mapping, policy, scenario, whose, most=400):
    """The smallest instance found with at most so many trials."""
    small, tried = only(mapping, policy, scenario), 0
    while True:
        before = tried
        for step in _steps(small):
            if tried >= most:
                return small
            tried += 1
            trial = deepcopy(small)
            step(trial)
            if disagrees(trial, policy, scenario, whose):
                small = trial
                break
        else:
            return small
        if tried == before:
            return small


def _lists(mapping):
    """Every list of rows: tables, and the parts of policies and scenarios, as a path."""
    for name, value in mapping.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield (name,)
            if name in {"policies", "scenarios"}:
                for k, part in enumerate(value):
                    yield from ((name, k, inner) for inner, rows in part.items() if isinstance(rows, list) and rows)


def _at(mapping, path):
    for step in path:
        mapping = mapping[step]
    return mapping


def _steps(mapping):
    for path in _lists(mapping):
        rows = _at(mapping, path)
        if path[0] in {"policies", "scenarios"} and len(path) == 1:
            continue
        for k in reversed(range(len(rows))):
            yield lambda trial, path=path, k=k: _at(trial, path).pop(k)
    for path in _lists(mapping):
        for k, row in enumerate(_at(mapping, path)):
            for field in OPTIONAL if isinstance(row, dict) else ():
                if field in row and (len(path) > 1 or path[0] not in {"policies", "scenarios"}):
                    yield lambda trial, path=path, k=k, field=field: _at(trial, path)[k].pop(field)
    for name in SETTINGS:
        if name in mapping:
            yield lambda trial, name=name: trial.pop(name)
