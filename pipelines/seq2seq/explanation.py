"""Which tokens of a text each token of its answer attended to."""

from functools import partial
from typing import TYPE_CHECKING

EXPLAINING = "attention"  # the endpoint that tells it
_ANSWERS = {"translation": "translation", "summarization": "summary"}  # task -> what its answer is called

if TYPE_CHECKING:
    from pipelines.runs import Run
    from pipelines.runs.explanation import Explanation
    from pipelines.runs.predictor import Predictor
    from pipelines.seq2seq.config import Config


def explain(config: "Config", run: "Run", row: str) -> "Explanation":
    """Draws the attention of each token of the answer to a text, and that among the tokens of the text.

    Args:
        config: Options.
        run: Trained.
        row: The text.

    Returns:
        The answer, the tokens of both and the maps of cross-attention; a picture of these, one of what was copied
        where the model copies, and one of the encoder's attention where it has any.

    Example:
        `explain(config, run, "May 5, 2024").write(Path("pictures"))`
    """
    import tensorflow as tf

    from pipelines.runs import registry
    from pipelines.runs.explanation import Explanation
    from pipelines.runs.reports import captions
    from pipelines.seq2seq.training import load_generator
    from tfmodels.plots import draw_attention

    generator = load_generator(config, run)
    source, target, maps = generator.attention_maps(tf.constant([row]))
    target = target[:, : tf.math.count_nonzero(target)]  # the search leaves room behind </s>
    answer = generator.subwords.text(target)[0].numpy().decode()
    source_tokens, target_tokens = (
        [piece.decode() for piece in generator.subwords.pieces(ids)[0].numpy()] for ids in (source, target)
    )
    cross = {
        name: scores[0, :, : len(target_tokens)].numpy()
        for name, scores in maps.items()
        if name.endswith("cross_attention")
    }
    encoder = {name: scores[0].numpy() for name, scores in maps.items() if name.startswith("encoder")}
    caption, answered = captions.of_run(run), _ANSWERS.get(registry.short_name(run.task), "answer")
    described = {"title": f"{row}\n{answer}", "caption": caption, "axes": (answered, "source")}
    pictures = {"cross_attention": partial(draw_attention, cross, target_tokens, source_tokens, **described)}
    copied = {"copied": maps["copied"][0, :, : len(target_tokens)].numpy()} if "copied" in maps else {}
    if copied:
        pictures["copied"] = partial(draw_attention, copied, target_tokens, source_tokens, **described)
    if encoder:
        described = {"title": row, "caption": caption, "axes": ("source, attending", "source, attended to")}
        pictures["encoder_attention"] = partial(draw_attention, encoder, source_tokens, source_tokens, **described)
    numbers = {
        "source": row,
        "text": answer,
        "tokens": {"source": source_tokens, "target": target_tokens},
        "attention": {name: scores.tolist() for name, scores in cross.items()},
        **{name: scores[0].tolist() for name, scores in copied.items()},
    }
    return Explanation(numbers, pictures)


def explain_served(predictor: "Predictor", row: str) -> "Explanation":
    """Draws what an export answers at `attention`: the last cross-attention, the mean over its heads; what it copied.

    Args:
        predictor: The export. What it answers may be anything.
        row: The text.

    Returns:
        As of `explain`, with these maps alone.

    Raises:
        ValueError: It answers no tokens with weights.

    Example:
        `explain_served(pipelines.load("saved_models/mine"), "A dog.").write(Path("pictures"))`
    """
    from pipelines.runs.explanation import Explanation
    from pipelines.runs.reports import captions
    from pipelines.runs.rows import output_columns
    from tfmodels.plots import draw_attention

    answer = predictor.predict([row], EXPLAINING)[0]
    source = output_columns.filled(answer, "source_tokens")
    target = output_columns.filled(answer, "target_tokens")
    shape, text = (len(target), len(source)), str(answer.get("text", ""))
    weights = output_columns.numbers(answer, "attention", shape)
    copied = {"copied": output_columns.numbers(answer, "copied", shape)} if "copied" in answer else {}
    numbers = {
        "source": row,
        "text": text,
        "tokens": {"source": source, "target": target},
        "attention": {EXPLAINING: weights.tolist()},
        **{name: scores.tolist() for name, scores in copied.items()},
    }
    names = (_ANSWERS.get(str(predictor.card.get("task")), "answer"), "source")
    described = {"title": f"{row}\n{text}", "caption": captions.of_export(predictor.card), "axes": names}
    pictures = {
        name: partial(draw_attention, {name: scores[None]}, target, source, **described)
        for name, scores in ({"cross_attention": weights} | copied).items()
    }
    return Explanation(numbers, pictures)
