"""Explains what an export of a classifier answers, by its endpoint `explain`."""

from functools import partial
from typing import TYPE_CHECKING, Any

from pipelines.runs.explanation import Explanation
from pipelines.runs.reports import captions
from pipelines.runs.rows import output_columns

if TYPE_CHECKING:
    from pipelines.runs.predictor import Predictor


def make(predictor: "Predictor", row: str) -> Explanation:
    """Colours the words of a text by their attention.

    Args:
        predictor: The export. What it answers may be anything.
        row: The text.

    Returns:
        Label, probability and tokens with their attention, a picture and a page. Gradients need the run.

    Raises:
        ValueError: It answers no tokens with weights.

    Example:
        `make(pipelines.load("saved_models/reviews"), "A fine film.").write(Path("pictures"))`
    """
    from tfmodels import plots

    answer = predictor.predict([row], "explain")[0]
    tokens = output_columns.filled(answer, "tokens")
    shape = (len(tokens),)
    starts, ends = (output_columns.numbers(answer, name, shape).astype(int).tolist() for name in ("start", "end"))
    weights = {"attention": output_columns.numbers(answer, "attention", shape)}
    label, probability = str(answer.get("label")), float(output_columns.numbers(answer, "probability", ()))
    numbers: dict[str, Any] = {
        "text": row,
        "label": label,
        "probability": probability,
        "tokens": tokens,
        "start": starts,
        "end": ends,
        "scores": {"attention": weights["attention"].tolist()},
    }
    title, caption = f"{label}: {probability:.2f}", captions.of_export(predictor.card)
    draw = partial(plots.draw_words, row, starts, ends, weights, title=title, caption=caption)
    note = "attention alone is no explanation; the run explains with integrated gradients, too"
    return Explanation(numbers, {"words": draw, "words.html": draw}, [note])
