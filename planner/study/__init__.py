"""Studies: questions that take many plans, such as what-if, comparison, stress, frontier, two-stage plan and audit."""
