"""QUESTIONS: what-if, comparison of plans, and a survey of policies under scenarios."""
