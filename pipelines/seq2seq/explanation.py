"""Which tokens of a text each token of its answer attended to."""

from functools import partial
from typing import TYPE_CHECKING

from pipelines.seq2seq.training import load_generator

if TYPE_CHECKING:
    from pipelines.runs import Run
    from pipelines.runs.explanation import Explanation
    from pipelines.seq2seq.config import Config


def explain(config: "Config", run: "Run", row: str) -> "Explanation":
    """Draws the attention of each token of the answer to a text, and that among the tokens of the text.

    Args:
        config: Options.
        run: Trained.
        row: The text.

    Returns:
        The answer, the tokens of both and the maps of cross-attention; a picture of these, and one of the encoder's
        attention where it has any.

    Example:
        `explain(config, run, "May 5, 2024").write(Path("pictures"))`
    """
    import tensorflow as tf

    from pipelines.runs.explanation import Explanation
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
    pictures = {
        "cross_attention": partial(draw_attention, cross, target_tokens, source_tokens, title=f"{row}\n{answer}")
    }
    if encoder:
        pictures["encoder_attention"] = partial(draw_attention, encoder, source_tokens, source_tokens, title=row)
    numbers = {
        "source": row,
        "text": answer,
        "tokens": {"source": source_tokens, "target": target_tokens},
        "attention": {name: scores.tolist() for name, scores in cross.items()},
    }
    return Explanation(numbers, pictures)
