"""Measures the training throughput of the same Transformer in KerasHub's layers with Keras' `fit`; prints a JSON line.

Runs in the environment of `make_keras_hub_environment.sh`; see `keras_training_rate.py`.

    .keras-hub-venv/bin/python peers/keras_hub_training_rate.py --batches /tmp/work/batches.npz
"""

from keras_training_rate import DROPOUT, HEADS, INNER, LAYERS, WIDTH, main  # isort: skip - chooses Keras' backend

import keras
import keras_hub


class Transformer(keras.Model):
    """Three pre-norm layers on each side; source, target and output share one embedding."""

    def __init__(self, vocabulary_size: int, **kwargs) -> None:
        super().__init__(**kwargs)
        sizes = {"intermediate_dim": INNER, "num_heads": HEADS, "dropout": DROPOUT, "normalize_first": True}
        self.embedding = keras.layers.ReversibleEmbedding(vocabulary_size, WIDTH)
        self.positions = keras_hub.layers.SinePositionEncoding()
        self.dropout = keras.layers.Dropout(DROPOUT)
        self.encoder = [keras_hub.layers.TransformerEncoder(**sizes) for _ in range(LAYERS)]
        self.encoder_norm = keras.layers.LayerNormalization()
        self.decoder = [keras_hub.layers.TransformerDecoder(**sizes) for _ in range(LAYERS)]
        self.decoder_norm = keras.layers.LayerNormalization()

    def call(self, inputs):
        padding_mask = keras.ops.not_equal(inputs["source"], 0)
        memory = self.embed(inputs["source"])
        for layer in self.encoder:
            memory = layer(memory, padding_mask=padding_mask)
        memory = self.encoder_norm(memory)
        x = self.embed(inputs["target"])
        for layer in self.decoder:
            x = layer(x, memory, encoder_padding_mask=padding_mask)
        return self.embedding(self.decoder_norm(x), reverse=True)

    def embed(self, ids):
        x = self.embedding(ids) * WIDTH**0.5
        return self.dropout(x + self.positions(x))


if __name__ == "__main__":
    main(Transformer)
