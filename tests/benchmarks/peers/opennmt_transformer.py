"""The Transformer of OpenNMT-tf that is measured: 7.59 M parameters at 8,000 joint subwords."""

import opennmt


def transformer() -> opennmt.models.Transformer:
    """Three layers on either side, of width 256; one table of vectors for source, target and output."""
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
