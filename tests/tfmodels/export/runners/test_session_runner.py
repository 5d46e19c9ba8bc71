from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tensorflow as tf

from tfmodels import export
from tfmodels.export.graph.field import Field


def test_outputs_equal_those_of_the_module(lexicon, lexicon_folder, lexicon_sample):
    with export.SessionRunner(lexicon_folder) as runner:
        outputs = runner.call("serving_default", **lexicon_sample)
    expected = lexicon(tf.constant(lexicon_sample["text"]))
    assert outputs.keys() == expected.keys()
    for name, array in outputs.items():
        np.testing.assert_array_equal(array, expected[name].numpy())


def test_endpoints_have_names_types_and_shapes(lexicon_folder):
    with export.SessionRunner(lexicon_folder) as runner:
        assert list(runner.endpoints) == ["serving_default"]
        signature = runner.endpoints["serving_default"]
    assert signature.inputs == {"text": Field("text", "string", (None,))}
    assert {name: field.dtype for name, field in signature.outputs.items()} == {
        "translation": "string",
        "weight": "float32",
        "id": "int64",
    }


def test_it_is_thread_safe_and_keeps_the_default_graph(lexicon_folder):
    words = {"one": b"eins", "two": b"zwei"}
    with export.SessionRunner(lexicon_folder) as runner, ThreadPoolExecutor(4) as pool:
        requested = list(words) * 20
        results = pool.map(lambda word: runner.call("serving_default", text=[word])["translation"][0], requested)
        assert list(results) == [words[word] for word in requested]
    assert tf.executing_eagerly()


def test_unknown_endpoints_and_inputs_are_refused(lexicon_folder):
    with export.SessionRunner(lexicon_folder) as runner:
        with pytest.raises(ValueError, match="Did you mean 'serving_default'"):
            runner.call("serving_defualt", text=["one"])
        with pytest.raises(ValueError, match="'text'"):
            runner.call("serving_default", texts=["one"])


def test_refuses_a_folder_without_a_saved_model(tmp_path):
    with pytest.raises(FileNotFoundError, match="SavedModel"):
        export.SessionRunner(tmp_path)


def test_loading_logs_nothing(lexicon_folder, caplog):
    with caplog.at_level("INFO", logger="tensorflow"):
        export.SessionRunner(lexicon_folder).close()
    assert not caplog.records
