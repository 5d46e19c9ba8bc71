import errno
import json
import os
import subprocess
import sys

import keras
import pytest
import tensorflow as tf
import tensorflow_text

from tfmodels import export
from tfmodels.export import saving
from tfmodels.export.batch_sizes import ANY_LENGTH

# Training SentencePiece inside a TensorFlow process has crashed.
TRAIN = """
import io, sys, sentencepiece
model = io.BytesIO()
sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(f"row {i} of {7 * i}" for i in range(200)), model_writer=model, vocab_size=290,
    pad_id=0, unk_id=1, bos_id=2, eos_id=3, byte_fallback=True, minloglevel=2)
sys.stdout.buffer.write(model.getvalue())
"""


def shout(text):
    repaired = tf.strings.unicode_transcode(text, "UTF-8", "UTF-8", errors="replace")
    return {"shouted": tf.strings.upper(repaired, encoding="utf-8")}


def test_versions_are_numbered_and_complete(save_text_function):
    first, second = save_text_function(shout), save_text_function(shout)
    assert (first.name, second.name) == ("1", "2")
    assert sorted(path.name for path in first.parent.iterdir()) == ["1", "2"]
    card = json.loads((second / "assets.extra" / "tfmodels.json").read_text())
    example = {"endpoint": "serving_default", "inputs": {"text": ["one"]}}
    assert card == {
        "task": "toy",
        "samples": "data",
        "limits": [saving.SAMPLES["data"]],
        "example": example,
        "format": 2,
    }
    assert export.load(first.parent).path == second


@pytest.mark.parametrize("step", ["_describe", "write_warmup", "check_loaded", "check_parity", "publish"])
def test_a_failure_leaves_nothing_behind(step, save_text_function, monkeypatch, tmp_path):
    def crash(*_):
        raise RuntimeError("power cut")

    monkeypatch.setattr(saving, step, crash)
    with pytest.raises(RuntimeError, match="power cut"):
        save_text_function(shout)
    assert list((tmp_path / "toy").iterdir()) == []


@pytest.mark.parametrize(
    "kept", [pytest.param(name, marks=pytest.mark.slow) if name == "synthetic" else name for name in saving.SAMPLES]
)
def test_an_export_holds_rows_of_the_data_only_if_asked(kept, checks_in_this_process, tmp_path, caplog):
    secret = "a name and an address"
    specs = (tf.TensorSpec([None], tf.string, "text"), tf.TensorSpec([None, None, 2], tf.float32, "values"))

    def answer(text, values):
        return {"y": tf.cast(tf.strings.length(text), tf.float32) + tf.reduce_sum(values, [1, 2])}

    endpoint = export.Endpoint(ANY_LENGTH, specs, answer)
    sample = {"text": [secret, "another one"], "values": [[[1.5, 2.5]], [[0, 1]]]}
    version = export.save(tmp_path, [endpoint], [], {ANY_LENGTH: sample}, {"task": "toy"}, keep_samples=kept)
    files = {path.name: path.read_bytes() for path in version.rglob("*") if path.is_file()}
    assert any(secret.encode() in content for content in files.values()) == (kept == "data")
    assert ("tf_serving_warmup_requests" in files) == (kept != "none")
    assert saving.SAMPLES[kept].encode() in files["model_card.md"]
    if kept == "data":
        example = json.loads(files["tfmodels.json"])["example"]["inputs"]
        assert example == {name: rows[:1] for name, rows in sample.items()}
    assert not caplog.records  # who exports knows of the open axes of this endpoint, and of no warm-up requests
    advice = {finding.rule: finding.advice for finding in export.check(version)}
    assert advice.pop("open_axis") == "do not batch the requests of this endpoint"
    assert set(advice) == ({"warmup_missing"} if kept == "none" else set())


def test_the_samples_are_checked_whatever_the_export_keeps(tmp_path):
    def answer(text):  # wrong beside a longer text
        return {"y": tf.strings.length(text) - tf.reduce_max(tf.strings.length(text))}

    endpoint = export.Endpoint("serving_default", (tf.TensorSpec([None], tf.string, "text"),), answer)
    for kept in saving.SAMPLES:
        with pytest.raises(ValueError, match="depends on the other rows"):
            samples = {"serving_default": {"text": ["one", "a longer text"]}}
            export.save(tmp_path, [endpoint], [], samples, {"task": "toy"}, keep_samples=kept)
    with pytest.raises(ValueError, match="Expected keep_samples to be one of synthetic, data, none"):
        export.save(tmp_path, [endpoint], [], samples, {"task": "toy"}, keep_samples="all")


def test_no_version_is_visible_before_the_checks_are_done(save_text_function, monkeypatch, tmp_path):
    def look(version, *_):
        seen.append([child.name for child in (tmp_path / "toy").iterdir()])
        assert (version / "saved_model.pb").is_file()
        return []

    seen = []
    monkeypatch.setattr(saving, "check_loaded", look)
    save_text_function(shout)
    assert len(seen) == 1
    assert not any(name.isdecimal() for name in seen[0])


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("_write", tf.errors.ResourceExhaustedError(None, None, "saved_model.pb.tmp; No space left on device")),
        ("write_digests", OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))),
    ],
)
def test_a_full_disk_is_an_error_of_the_system(name, error, save_text_function, monkeypatch, tmp_path):
    def fail(*_):
        raise error

    monkeypatch.setattr(saving, name, fail)
    monkeypatch.setattr(saving, "_check", lambda *_: None)
    with pytest.raises(OSError, match="No space left on device") as raised:
        save_text_function(shout)
    assert (raised.value.errno, raised.value.filename) == (errno.ENOSPC, str(tmp_path / "toy"))
    assert list((tmp_path / "toy").iterdir()) == []


def test_refuses_ops_that_a_server_does_not_run(save_text_function, tmp_path):
    with pytest.raises(ValueError, match="RandomUniform draws without a seed input"):
        save_text_function(lambda text: {"y": tf.random.uniform([tf.size(text)])})
    assert list((tmp_path / "toy").iterdir()) == []


def test_an_untracked_table_is_refused(lexicon, save_text_function):
    with pytest.raises(ValueError, match="tracked"):
        save_text_function(lexicon)


def test_refuses_endpoints_without_samples(lexicon_endpoint, tmp_path):
    with pytest.raises(ValueError, match=r"samples=\['other'\]"):
        export.save(tmp_path, [lexicon_endpoint], [], {"other": {}}, {"task": "toy"})
    with pytest.raises(ValueError, match="distinct names"):
        export.save(tmp_path, [lexicon_endpoint] * 2, [], {"serving_default": {}}, {"task": "toy"})


def test_a_keras_model_is_saved_without_its_optimizer(save_text_function):
    lookup = keras.layers.StringLookup(vocabulary=["one", "two"])
    model = keras.Sequential(
        [keras.Input((1,), dtype="string"), lookup, keras.layers.Embedding(3, 4), keras.layers.Flatten()]
    )
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    path = save_text_function(lambda text: {"vector": model(text[:, None])}, [model])
    names = [name for name, _ in tf.train.list_variables(str(path / "variables" / "variables"))]
    assert len([name for name in names if "variables_used" in name]) == 1
    assert not any("optimizer" in name for name in names)


def test_a_model_built_under_two_replicas_is_exported(save_text_function, two_replicas):
    with two_replicas.scope():
        dense = keras.layers.Dense(2)
        dense.build([None, 1])
    save_text_function(lambda text: {"y": dense(tf.cast(tf.strings.length(text), tf.float32)[:, None])})


def test_a_subword_tokenizer_in_the_graph(save_text_function):
    model = subprocess.run([sys.executable, "-c", TRAIN], check=True, capture_output=True).stdout
    module = tf.Module()
    module.tokenizer = tensorflow_text.SentencepieceTokenizer(model, add_eos=True)

    def there_and_back(text):
        ids = module.tokenizer.tokenize(text)
        again = tf.strings.unicode_transcode(module.tokenizer.detokenize(ids), "UTF-8", "UTF-8", errors="replace")
        return {"text": again, "length": tf.cast(ids.row_lengths(), tf.int32)}

    path = save_text_function(there_and_back, [module], ["row 7 of 49", "row", *export.hard_texts()])
    assert export.load(path).call("serving_default", text=["row 7 of 49"])["text"].tolist() == [b"row 7 of 49"]


def test_saving_prints_nothing(save_text_function, capfd, caplog):
    with caplog.at_level("INFO", logger="tensorflow"):
        save_text_function(shout)
    assert not caplog.records
    assert capfd.readouterr().out == ""
