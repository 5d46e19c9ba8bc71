import json
from pathlib import Path

import pytest
import tensorflow as tf

from pipelines.benchmarks import decoding_times
from pipelines.cli import main
from tfmodels.export import SessionRunner

LIMIT = 12  # tokens of an output


class Parrot(tf.Module):
    """Returns the text itself; a token is a word, and the length limit is twice that of the text plus ten."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
    def repeat(self, text):
        return {"text": text, "length": self.words(text)}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, "text"),
            tf.TensorSpec([None], tf.int32, "max_length"),
            tf.TensorSpec([None], tf.string, "prefix"),
            tf.TensorSpec([None], tf.float32, "length_penalty"),
        ]
    )
    def with_options(self, text, max_length, prefix, length_penalty):
        with tf.control_dependencies([tf.debugging.assert_negative(length_penalty)]):
            limit = tf.minimum(tf.minimum(max_length, 2 * self.words(text) + 10), LIMIT)
        return {"text": prefix, "length": tf.minimum(self.words(prefix), limit)}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, "text"),
            tf.TensorSpec([None], tf.int64, "seed"),
            tf.TensorSpec([None], tf.float32, "temperature"),
        ]
    )
    def sample(self, text, seed, temperature):
        with tf.control_dependencies([tf.debugging.assert_equal(temperature, 0.0)]):
            return {"text": text, "length": self.words(text)}

    def words(self, text):
        return tf.cast(tf.strings.split(text).row_lengths(), tf.int32)


@pytest.fixture
def parrot(tmp_path, monkeypatch):
    """An export, in an otherwise empty working directory."""
    monkeypatch.chdir(tmp_path)
    module = Parrot()
    signatures = {"serving_default": module.repeat, "with_options": module.with_options, "sample": module.sample}
    tf.saved_model.save(module, "parrots/1", signatures)
    Path("texts.txt").write_text("a parrot\n\na dead parrot\n")
    return "parrots"


def test_an_export_is_measured(parrot, capsys):
    command = ["benchmark", "decode", parrot, "--input", "texts.txt", "--batches", "1,3", "--steps", "4,8,50"]
    assert main.main([*command, "--seconds", "0.02", "--output", "measured"]) == 0
    text = capsys.readouterr().out
    assert all(words in text for words in ("as exported", "greedy", "12 tokens", "2 different texts", "decode.json"))
    assert Path("measured/decode.png").read_bytes().startswith(b"\x89PNG")
    result = json.loads(Path("measured/decode.json").read_text())
    assert [(row["mode"], row["batch"]) for row in result["throughput"]] == [
        (mode, batch) for batch in (1, 3) for mode in ("as exported", "greedy")
    ]
    for row in result["throughput"]:
        assert row["batches"] >= 3
        assert 0 < row["p50_ms"] <= row["p95_ms"]
        assert row["tokens_per_second"] == pytest.approx(2.5 * row["texts_per_second"], rel=0.25)
    assert [(row["batch"], row["steps"]) for row in result["steps"]] == [(b, s) for b in (1, 3) for s in (4, 8, LIMIT)]
    first, second, _ = (row for row in result["steps"] if row["batch"] == 1)
    assert first["ms_per_step"] == pytest.approx(first["p50_ms"] / 4)
    assert second["ms_per_step"] == pytest.approx((second["p50_ms"] - first["p50_ms"]) / 4)


def test_texts_come_from_the_warm_up_requests(shout, capsys):
    main.main(["fit", shout])
    main.main(["export", "shout", "--task", shout, "--samples", "data"])
    assert main.main(["benchmark", "decode", "saved_models/shout", "--batches", "2", "--seconds", "0.01"]) == 0
    assert "Time per step was not measured" in capsys.readouterr().out
    result = json.loads(Path("benchmarks/decode.json").read_text())
    assert result["texts"] == 1  # the other one is blank
    assert result["steps"] == []


def test_missing_texts_and_other_kinds_of_exports_are_refused(parrot, capsys):
    assert main.main(["benchmark", "decode", parrot]) == 2
    assert "name a file with --input" in capsys.readouterr().err
    assert main.main(["benchmark", "decode", parrot, "--input", "none"]) == 2
    assert "Expected a file. Received: none" in capsys.readouterr().err
    with SessionRunner(parrot) as runner:
        endpoints = {"serving_default": runner.endpoints["sample"]}
    with pytest.raises(ValueError, match="takes `text` and returns"):
        decoding_times.decoding_modes(endpoints)
