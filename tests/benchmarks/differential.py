"""Differential testing: random instances with every feature together, by the planner, other solvers and the oracle.

    python tests/benchmarks/differential.py N SEED [FOLDER] [--wider | --crossed | --stretched]

Asks until N questions (an instance under a policy and a scenario) have been answered, from the seed on. Those that the
planner refuses as invalid are counted apart. A disagreement is shrunk and kept as a YAML file in FOLDER (default:
`disagreements`). With --wider the instances are those of tests/oracle/wider.py, which have what the others have rarely; with
--crossed those of tests/oracle/crossed.py, small ones in which rules that seldom meet stand together; with --stretched those
of tests/oracle/stretched.py, whose figures are far apart, nothing or all alike.
Prints its counts every 25 questions; exit 1 where anything disagreed.
"""

import sys
import time
from collections import Counter
from pathlib import Path

from ruamel.yaml import YAML

sys.path.insert(0, str(Path(__file__).parents[1]))

from oracle.compare import Asked, dissent, unanswered
from oracle.crossed import crossed, crossed_cases
from oracle.planners import REFUSED
from oracle.shrink import shrunk
from oracle.stretched import stretched, stretched_cases
from oracle.wide import cases, wide
from oracle.wider import wider, wider_cases

DRAWS = {"--wider": (wider, wider_cases), "--crossed": (crossed, crossed_cases)}
DRAWS |= {"--stretched": (stretched, stretched_cases)}


def keep(folder, name, mapping, answers):
    folder.mkdir(parents=True, exist_ok=True)
    yaml = YAML()
    path = folder / f"{name}.yaml"
    with path.open("w", encoding="utf-8") as opened:
        for who, found in answers.items():
            opened.write(f"# {who}: {found.status} {found.cost}\n")
        yaml.dump(mapping, opened)
    return path


def main():
    given = [part for part in sys.argv[1:] if not part.startswith("--")]
    wanted, seed = int(given[0]), int(given[1])
    draw, ask = next((DRAWS[part] for part in sys.argv if part in DRAWS), (wide, cases))
    folder = Path(given[2] if len(given) > 2 else "disagreements")
    counts, silent, begun, told, wrong = Counter(), Counter(), time.process_time(), 0, 0
    answered = 0
    while answered < wanted:
        mapping = draw(seed)
        asked = Asked(mapping)
        for policy, scenario in ask(mapping):
            answers = asked.answers(policy, scenario)
            counts[answers["planner"].status] += 1
            if answers["planner"].status == REFUSED:
                continue
            answered += 1
            silent.update(unanswered(answers))
            whose = dissent(answers)
            if whose:
                wrong += 1
                small = shrunk(mapping, policy, scenario, whose, most=60)
                path = keep(folder, f"{seed}-{policy}-{scenario}", small, answers)
                print(f"seed {seed}, {policy}, {scenario}: {', '.join(whose)} disagree, kept in {path}", flush=True)
        seed += 1
        if answered - told >= 25:
            told = answered
            spent = time.process_time() - begun
            print(
                f"{answered} answered up to seed {seed}: {dict(counts)}; no answer by {dict(silent)}; {wrong} disagree; cpu s {spent:.0f}",
                flush=True,
            )
    print(
        f"{answered} answered, {counts[REFUSED]} refused, {wrong} disagreements, last seed {seed - 1}, {dict(counts)}, no answer by {dict(silent)}"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
