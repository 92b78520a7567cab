"""What units have touched: the watches of a policy's pathway limits, and the classes of units."""

from itertools import combinations

from .data import text, yes


class Watches:
    """Each watch is a set of sites that is looked out for; a class is a set of watches that a unit has touched."""

    def __init__(self, data, policy):
        self.data = data
        self.of_limit, self.sites, self.regions = {}, {}, {}
        for limit in (policy or {}).get("limits") or []:
            if limit["measure"] != "pathway":
                continue
            over = text(limit.get("over"), "region")
            names = self._touched_by_units(over) if text(limit["of"]) == "each" else [text(limit["of"])]
            self.of_limit[limit["name"]] = [(name, (over, name)) for name in names]
            for name in names:
                inside = sites_in(data, over, name)
                self.sites[over, name] = inside
                self.regions[over, name] = set(data.members(name)) if over == "region" else set()
        names = sorted(self.sites)
        self.classes = [frozenset(part) for size in range(len(names) + 1) for part in combinations(names, size)]

    def _touched_by_units(self, over):
        """What units can touch: where something is made or has been made, and what goods carry from elsewhere."""
        data = self.data
        standing = [(site, data.stock[site, item]) for (site, item), units in data.opening.items() if units > 0]
        standing += [(site, row) for site, _, _, _, row in data.arrivals]
        worked = {key[0] for key in data.start}
        worked |= {site for site, row in standing if yes(row.get("worked_here"), default=True) and site in data.sites}
        marks = {part for _, row in standing for part in text(row.get("touched")).split("+") if part}
        named = {"region": data.region, "operator": data.operator, "cluster": data.cluster}.get(over)
        found = worked if named is None else {named[site] for site in worked}
        if over == "region":
            found = found | {mark for mark in marks if ":" not in mark and mark not in data.groups}
        else:
            found = found | {mark.removeprefix(f"{over}:") for mark in marks if mark.startswith(f"{over}:")}
        return sorted(found - {""})

    def at(self, site):
        """The watches that work at a site adds."""
        return frozenset(name for name, sites in self.sites.items() if site in sites)

    def standing(self, row, site):
        """The class of the units of a row of stocks or arrivals."""
        marks = {part for part in text(row.get("touched")).split("+") if part}
        found = {name for name, regions in self.regions.items() if regions & marks}
        found |= {
            (over, name) for over, name in self.sites if f"{over}:{name}" in marks
        }  # as `planner roll` writes them
        if yes(row.get("worked_here"), default=True) and site in self.data.sites:
            found |= self.at(site)
        return frozenset(found)

    def above(self, touched):
        """The classes that contain a set of watches."""
        return [part for part in self.classes if touched <= part]


def members_over(data, over):
    """Every region, operator, cluster or site that sites have."""
    named = {"region": data.region, "operator": data.operator, "cluster": data.cluster}.get(over)
    found = set(data.sites) if named is None else {named[site] for site in data.sites}
    return sorted(found - {""})


def sites_in(data, over, name):
    """The sites of a region or group, operator, cluster, or the site itself."""
    if over == "region":
        return {site for site in data.sites if data.region[site] in data.members(name)}
    if over == "site":
        return {name}
    named = data.operator if over == "operator" else data.cluster
    return {site for site in data.sites if named[site] == name}
