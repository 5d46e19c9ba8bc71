"""What each item of a history contributed to the first item of the answer."""

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.recommendation.packed_histories import padded
from pipelines.runs.explanation import Explanation
from pipelines.runs.rows import output_columns

if TYPE_CHECKING:
    from pipelines.recommendation.item_recommender import ItemRecommender
    from pipelines.runs.predictor import Predictor

_BETWEEN = ", "
_LONGEST = 100_000  # items of a history
_NOTE = "contributions are of one item left out at a time: of two that say the same, neither seems to matter"


def make(recommender: "ItemRecommender", row: str) -> Explanation:
    """Draws what the items of a history contributed.

    Args:
        recommender: What answers.
        row: The items, one in each line, the newest last.

    Returns:
        The answer, its probabilities, the items and their contributions; a figure and a page.

    Raises:
        ValueError: The row has no item.

    Example:
        `make(recommender, "tent 1\\nrope 2").write(Path("pictures"))`
    """
    from pipelines.runs import predictor

    return of_export(
        predictor.in_memory(recommender.endpoints(), {"columns": ["items"], "defaults": recommender.defaults()}), row
    )


def of_export(predictor: "Predictor", row: str) -> Explanation:
    """The same of an export.

    Args:
        predictor: The export. What it answers may be anything.
        row: As of `make`.

    Returns:
        As of `make`.

    Raises:
        ValueError: The row has no item, leaves none to recommend, or the export answers no numbers.

    Example:
        `of_export(pipelines.load("saved_models/shop"), "tent 1\\nrope 2")`
    """
    from tfmodels import plots

    history = [item for item in row.split("\n") if item]
    if not history:
        raise ValueError(f"Expected an item in each line, the newest last. Received: {row[:80]!r}")
    shape = predictor.endpoints["explain"].inputs["items"].shape
    context = shape[1] if shape and len(shape) > 1 else None
    if not context or context > _LONGEST:
        raise ValueError(f"Expected an endpoint `explain` of items [batch, context]. Received: shape {shape}")
    history = history[-context:]
    answer = predictor.predict([{"items": padded(history, context)}], "explain")[0]
    falls = output_columns.numbers(answer, "contributions", (context,))[-len(history) :]
    if not answer.get("count"):
        raise ValueError("Expected a history that leaves an item to recommend. Received: one with all of them")
    items = output_columns.filled(answer, "items")
    scores = output_columns.numbers(answer, "scores", (len(items),))
    numbers: dict[str, Any] = {
        "history": history,
        "items": items,
        "scores": scores.tolist(),
        "contributions": np.asarray(falls, float).tolist(),
    }
    lengths = np.array([len(item.encode(errors="replace")) for item in history])
    ends = np.cumsum(lengths + len(_BETWEEN)) - len(_BETWEEN)
    draw = partial(
        plots.draw_words,
        _BETWEEN.join(history),
        (ends - lengths).tolist(),
        ends.tolist(),
        {"left out": falls},
        title=f"{items[0]}: {scores[0]:.3f}",
    )
    return Explanation(numbers, {"items": draw, "items.html": draw}, [_NOTE])
