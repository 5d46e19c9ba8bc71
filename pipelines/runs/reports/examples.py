"""The examples of a report."""

from collections.abc import Sequence
from typing import Any


def pick_examples(
    sources: Sequence[str], references: Sequence[str], outputs: Sequence[str], scores: Sequence[float], count: int = 3
) -> list[dict[str, Any]]:
    """Picks the rows with the best, median and worst scores.

    Args:
        sources: Inputs of the model.
        references: Reference outputs, in the same order.
        outputs: Outputs of the model.
        scores: Score of each output; higher is better.
        count: Number of rows of each kind; fewer if there are not enough rows.

    Returns:
        Dicts with `kind`, `source`, `reference`, `output` and `score`, from best to worst, without duplicates.

    Example:
        `pick_examples(["1", "2", "3"], ["I", "II", "III"], ["I", "I", "X"], [100.0, 40.0, 0.0])`
    """
    rows = zip(sources, references, outputs, scores, strict=True)
    ranked = sorted(rows, key=lambda row: row[-1], reverse=True)
    count = min(count, max(1, len(ranked) // 3))
    last = max(count, len(ranked) - count)
    best, middle, worst = ranked[:count], ranked[count:last], ranked[last:]
    start = (len(middle) - count) // 2
    kinds = {"best": best, "median": middle[start : start + count], "worst": worst}
    return [
        {"kind": kind, "source": source, "reference": reference, "output": output, "score": score}
        for kind, picked in kinds.items()
        for source, reference, output, score in picked
    ]
