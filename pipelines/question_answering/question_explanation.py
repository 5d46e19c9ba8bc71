"""Which tokens of the question the tokens around an answer attended to."""

from functools import partial
from typing import TYPE_CHECKING, Any

from pipelines.runs.explanation import Explanation
from pipelines.runs.reports import captions
from pipelines.runs.rows import output_columns

if TYPE_CHECKING:
    from pipelines.question_answering.answer_finder import AnswerFinder
    from pipelines.runs.predictor import Predictor

_MARK = "→"  # before the tokens of the answer
_SHOWN = 24  # tokens on either side of the middle of the answer


def make(finder: "AnswerFinder", row: str, caption: str) -> Explanation:
    """Draws the attention from context to question.

    Args:
        finder: What answers.
        row: The question, a tab and the context.
        caption: Of the figure.

    Returns:
        The answer, its place, the tokens around it and of the question, and the attention between them; a picture.

    Raises:
        ValueError: The row has no tab.

    Example:
        `make(finder, "Where is it?\tIt is in Oslo.", captions.of_run(run)).write(Path("pictures"))`
    """
    from pipelines.runs import predictor

    return _explained(predictor.in_memory(finder.endpoints(), {"columns": ["question", "context"]}), row, caption)


def parts(row: str) -> tuple[str, str]:
    """The question and the context of a row.

    Args:
        row: The question, a tab and the context, which may have tabs.

    Raises:
        ValueError: The row has no tab.

    Example:
        `parts("Where is it?\tIt is in Oslo.")` -> `("Where is it?", "It is in Oslo.")`
    """
    question, tab, context = row.partition("\t")
    if not tab:
        raise ValueError(f"Expected a question, a tab and the context. Received: {row[:80]!r}, which has no tab")
    return question, context


def of_export(predictor: "Predictor", row: str) -> Explanation:
    """The same of an export.

    Args:
        predictor: The export. What it answers may be anything.
        row: The question, a tab and the context.

    Returns:
        As of `make`.

    Raises:
        ValueError: The row has no tab, or the export answers no tokens with weights.

    Example:
        `of_export(pipelines.load("saved_models/reader"), "Where is it?\tIt is in Oslo.")`
    """
    return _explained(predictor, row, captions.of_export(predictor.card))


def _explained(predictor: "Predictor", row: str, caption: str) -> Explanation:
    from tfmodels import plots

    question, context = parts(row)
    answer = predictor.predict([{"question": question, "context": context}], "explain")[0]
    read, asked = (output_columns.filled(answer, name) for name in ("tokens", "question_tokens"))
    width, height = len(answer["question_tokens"]), len(answer["tokens"])
    weights = output_columns.numbers(answer, "attention", (height, width))[: len(read), : len(asked)]
    starts, ends = (
        output_columns.numbers(answer, name, (height,)).astype(int)[: len(read)]
        for name in ("token_start", "token_end")
    )
    begin, end = (int(output_columns.numbers(answer, name, ())) for name in ("start", "end"))
    text, score = str(answer.get("answer")), float(output_columns.numbers(answer, "score", ()))
    given, title = end > begin, f"{text} ({score:.0%})"
    first, last = begin, end
    if not given:
        text, first, last, likelihood = _likeliest(predictor, question, context)
        title = f"no answer ({score:.0%})" + (f"; else {text} ({likelihood:.0%})" if last > first else "")
    inside = [
        place for place, sides in enumerate(zip(starts, ends, strict=True)) if sides[0] < last and sides[1] > first
    ]
    middle = inside[len(inside) // 2] if inside else len(read) // 2
    chosen = slice(max(0, middle - _SHOWN), middle + _SHOWN)
    marked = [f"{_MARK} {token}" if place in inside else token for place, token in enumerate(read)]
    axes = (f"context, {_MARK} {'answer' if given else 'else'}" if inside else "context", "question")
    numbers: dict[str, Any] = {
        "question": question,
        "answer": str(answer.get("answer")),
        "start": begin,
        "end": end,
        "score": score,
        "answerable": float(output_columns.numbers(answer, "answerable", ())),
        "tokens": read,
        "question_tokens": asked,
        "attention": weights.tolist(),
    }
    draw = partial(
        plots.draw_attention,
        {"attention": weights[chosen][None]},
        marked[chosen],
        asked,
        title=f"{question}\n{title}",
        caption=caption,
        axes=axes,
    )
    return Explanation(numbers, {"attention": draw}, ["attention alone is no explanation"])


def _likeliest(predictor: "Predictor", question: str, context: str) -> tuple[str, int, int, float]:
    """The piece of the context that would be the answer, its bytes, and its probability."""
    found = predictor.predict([{"question": question, "context": context}], "nbest")[0]
    texts = found.get("answer")
    text = str(texts[0]) if isinstance(texts, list) and texts else ""
    starts, ends, scores = (
        output_columns.numbers(found, name, (len(texts or []),)) for name in ("start", "end", "score")
    )
    return (text, int(starts[0]), int(ends[0]), float(scores[0])) if len(scores) else ("", 0, 0, 0.0)
