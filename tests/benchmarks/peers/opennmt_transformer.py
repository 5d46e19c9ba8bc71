"""The measured Transformer of OpenNMT-tf: 7.59 M parameters with 8,000 joint subwords."""

import opennmt


def transformer() -> opennmt.models.Transformer:
    """Three layers of width 256 on each side; source, target and output share one embedding."""
    return opennmt.models.Transformer(
        num_layers=3,
        num_units=256,
        num_heads=4,
        ffn_inner_dim=1024,
        dropout=0.1,
        attention_dropout=0.1,
        ffn_dropout=0.1,
        share_embeddings=opennmt.models.EmbeddingsSharingLevel.ALL,
    )
