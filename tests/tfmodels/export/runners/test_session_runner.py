from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tensorflow as tf

from tfmodels import export
from tfmodels.export.graph.field import Field
from tfmodels.export.runners.caching_runner import CachingRunner


def test_answers_like_the_module_itself(lexicon, lexicon_folder, lexicon_sample):
    with export.SessionRunner(lexicon_folder) as runner:
        answer = runner.call("serving_default", **lexicon_sample)
    expected = lexicon(tf.constant(lexicon_sample["text"]))
    assert answer.keys() == expected.keys()
    for name, array in answer.items():
        np.testing.assert_array_equal(array, expected[name].numpy())


def test_states_names_types_and_shapes(lexicon_folder):
    with export.SessionRunner(lexicon_folder) as runner:
        assert list(runner.endpoints) == ["serving_default"]
        signature = runner.endpoints["serving_default"]
    assert signature.inputs == {"text": Field("text", "string", (None,))}
    assert {name: field.dtype for name, field in signature.outputs.items()} == {
        "translation": "string",
        "weight": "float32",
        "id": "int64",
    }


def test_serves_several_threads_and_leaves_the_default_graph_alone(lexicon_folder):
    words = {"one": b"eins", "two": b"zwei"}
    with export.SessionRunner(lexicon_folder) as runner, ThreadPoolExecutor(4) as pool:
        asked = list(words) * 20
        answers = pool.map(lambda word: runner.call("serving_default", text=[word])["translation"][0], asked)
        assert list(answers) == [words[word] for word in asked]
    assert tf.executing_eagerly()


def test_refuses_what_it_does_not_serve(lexicon_folder):
    with export.SessionRunner(lexicon_folder) as runner:
        with pytest.raises(ValueError, match="Did you mean 'serving_default'"):
            runner.call("serving_defualt", text=["one"])
        with pytest.raises(ValueError, match="'text'"):
            runner.call("serving_default", texts=["one"])


def test_refuses_a_folder_without_a_saved_model(tmp_path):
    with pytest.raises(FileNotFoundError, match="SavedModel"):
        export.SessionRunner(tmp_path)


def test_loading_leaves_no_word_in_the_log(lexicon_folder, caplog):
    with caplog.at_level("INFO", logger="tensorflow"):
        export.SessionRunner(lexicon_folder).close()
    assert not caplog.records


def test_a_remembering_runner_asks_the_graph_once(lexicon_folder, monkeypatch):
    with CachingRunner(lexicon_folder) as runner:
        first = runner.call("serving_default", text=["one", "two"])
        monkeypatch.setattr(export.SessionRunner, "call", None)
        assert runner.call("serving_default", text=["one", "two"]) is first
        with pytest.raises(TypeError):
            runner.call("serving_default", text=["two", "one"])
