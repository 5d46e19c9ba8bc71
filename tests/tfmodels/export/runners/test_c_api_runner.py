"""The runner without TensorFlow's Python package, compared with a session."""

import functools
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from tfmodels import export
from tfmodels.export.graph.declared_signatures import read_signatures
from tfmodels.export.graph.endpoints_file import write_endpoints
from tfmodels.export.graph.meta_graph import read_meta_graph
from tfmodels.export.runners.c_api_runner import CApiRunner

DTYPES = ("float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool")


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """A SavedModel that returns its inputs, of every number type and text, and a batch for it."""
    specs = [tf.TensorSpec([None], tf.string, "text"), tf.TensorSpec([None, 2], tf.string, "pairs")]
    specs += [tf.TensorSpec([None, 3], dtype, f"of_{dtype}") for dtype in DTYPES]

    def same(**inputs):
        return {f"same_{name}": tf.identity(tensor) for name, tensor in inputs.items()}

    folder = tmp_path_factory.mktemp("exports") / "everything"
    function = tf.function(same).get_concrete_function(**{spec.name: spec for spec in specs})
    tf.saved_model.save(tf.Module(), str(folder), {"serving_default": function})
    (folder / "assets.extra").mkdir()
    meta_graph = read_meta_graph(folder)
    write_endpoints(folder, read_signatures(meta_graph), meta_graph)
    random = np.random.default_rng(0)
    sample = {"text": ["one", "two"], "pairs": [["a", "b"], ["", "c" * 100]]}
    return folder, sample | {f"of_{dtype}": random.integers(0, 2, [2, 3]).astype(dtype) for dtype in DTYPES}


def assert_same(one, other):
    assert one.keys() == other.keys()
    for name, array in one.items():
        assert array.dtype == other[name].dtype
        np.testing.assert_array_equal(array, other[name])


def test_outputs_equal_those_of_a_session(lexicon_folder, lexicon_sample):
    with export.SessionRunner(lexicon_folder) as session:
        runner = CApiRunner(lexicon_folder / "1")
        assert runner.endpoints == session.endpoints
        for texts in (lexicon_sample["text"], []):
            results = [one.call("serving_default", text=texts) for one in (runner, session)]
            assert_same(*results)


@pytest.mark.parametrize("rows", [2, 1, 0])
def test_all_types_are_passed_through(everything, rows):
    folder, sample = everything
    inputs = {name: values[:rows] for name, values in sample.items()}
    inputs["pairs"] = np.reshape(np.array(inputs["pairs"], dtype=object), [rows, 2])
    with export.SessionRunner(folder) as session:
        runner = CApiRunner(folder)
        assert runner.endpoints == session.endpoints
        assert_same(runner.call("serving_default", **inputs), session.call("serving_default", **inputs))


@given(texts=st.lists(st.binary() | st.sampled_from([b"x" * 22, b"x" * 23, b"y" * 100_000])))
def test_any_bytes_are_passed_through(everything, texts):
    folder, sample = everything
    inputs = {
        name: np.resize(
            np.array(values, dtype=object if name == "pairs" else None), [len(texts), *np.shape(values)[1:]]
        )
        for name, values in sample.items()
    }
    outputs = cached_runner(folder).call("serving_default", **{**inputs, "text": texts})
    assert outputs["same_text"].tolist() == texts


cached_runner = functools.cache(CApiRunner)  # reused by the examples


def test_it_is_thread_safe(lexicon_folder):
    runner, words = CApiRunner(lexicon_folder / "1"), {"one": b"eins", "two": b"zwei"}
    with ThreadPoolExecutor(4) as pool:
        requested = list(words) * 50
        results = pool.map(lambda word: runner.call("serving_default", text=[word])["translation"][0], requested)
        assert list(results) == [words[word] for word in requested]


def test_the_error_of_an_op_is_raised(save_text_function):
    def numbers(text):
        with tf.control_dependencies([tf.debugging.assert_greater(tf.strings.length(text), -1)]):
            return {"number": tf.strings.to_number(tf.where(text == b"bad", text, b"1"))}

    folder = save_text_function(numbers)
    with pytest.raises(RuntimeError, match="bad"):
        CApiRunner(folder).call("serving_default", text=["bad"])


def test_a_damaged_file_is_refused(save_text_function):
    folder = save_text_function(lambda text: {"bytes": tf.strings.length(text)})
    (folder / "saved_model.pb").write_bytes(b"half of a file")
    with pytest.raises(ValueError, match="complete SavedModel"):
        CApiRunner(folder)


def test_endpoints_of_another_graph_are_refused(save_text_function):
    folder = save_text_function(lambda text: {"bytes": tf.strings.length(text)})
    file = folder / "assets.extra" / "endpoints.json"
    file.write_text(file.read_text().replace("PartitionedCall", "Elsewhere"))
    with pytest.raises(ValueError, match="Elsewhere"):
        CApiRunner(folder).call("serving_default", text=["one"])


def test_an_old_export_runs_in_a_session(save_text_function):
    folder = save_text_function(lambda text: {"bytes": tf.strings.length(text)})
    for file in ("endpoints.json", "digests.json"):  # which exports of before do not have
        (folder / "assets.extra" / file).unlink()
    loaded = export.load(folder)
    assert isinstance(loaded._runner, export.SessionRunner)
    assert loaded.call("serving_default", text=["one"])["bytes"].tolist() == [3]


PROGRAM = """
import sys
from tfmodels import export

loaded = export.load(sys.argv[1])
print(loaded.call("serving_default", text=["one"])["translation"].tolist(), "tensorflow" in sys.modules)
import tensorflow_text  # the loaded library must not interfere

with export.SessionRunner(sys.argv[1]) as session:
    print(session.call("serving_default", text=["two"])["translation"].tolist(), "tensorflow" in sys.modules)
print(loaded.call("serving_default", text=["two"])["translation"].tolist())
"""


def test_tensorflow_is_not_imported(lexicon_folder):
    command = [sys.executable, "-c", PROGRAM, lexicon_folder]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert lines == ["[b'eins'] False", "[b'zwei'] True", "[b'zwei']"]
