"""The default translators of `tfmodels benchmark train`."""

from typing import Any

from pipelines.runs import registry
from tfmodels.models.lstm_options import LSTMOptions
from tfmodels.models.transformer_options import TransformerOptions
from tfmodels.training import Options

_FAMILIES = {
    "transformer": TransformerOptions(
        num_layers=3, d_model=256, num_heads=4, feed_forward_dim=1024, dropout=0.1, norm_first=True
    ),
    "lstm": LSTMOptions(num_layers=3, d_model=256, dropout=0.1),
}


def config(model: str, **options: Any) -> Any:
    """Builds the config of a translator with 3 + 3 layers of width 256 and 8,000 joint subwords.

    Args:
        model: `transformer` (4 heads, feed-forward width 1,024: 7.6 million parameters) or `lstm` (additive attention).
        **options: Other fields of the `Config` of `translation`, such as `data`.

    Returns:
        The config: float32, batches of 4,096 tokens on their longer side, no gradient clipping.

    Example:
        `config("transformer", data="multi30k/tok")`
    """
    return registry.find("translation").Config(
        model=model,
        vocabulary_size=8000,
        training=Options(batch_tokens=4096, ema_decay=0.0, clip_norm=0.0),
        **{model: _FAMILIES[model]},
        **options,
    )
