"""What policies, scenarios and runs are called where figures are shown: those that have no name have one here."""

from __future__ import annotations

NO_POLICY = "no policy"
NOTHING_HAPPENS = "nothing happens"


def policy_called(name: str | None) -> str:
    """A policy by its name; `no policy` where there is none."""
    return name or NO_POLICY


def as_subject(called: str) -> str:
    """A policy, as it is called, as what a sentence is about: `no policy costs least` would say that none does."""
    return "the plan without a policy" if called == NO_POLICY else called


def under(called: str) -> str:
    """`under guarded`, of a policy as it is called; `without a policy` where there is none."""
    return "without a policy" if called == NO_POLICY else f"under {called}"


def run_called(policy: str | None, scenario: str | None) -> str:
    """A run by the names of its policy and scenario: `guarded / quake`, `no policy / nothing happens`."""
    return f"{policy or NO_POLICY} / {scenario or NOTHING_HAPPENS}"
