import dataclasses
import re

import bad_saved_models as bad
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from tfmodels import export
from tfmodels.export.graph.rows import concatenate, difference, split, take

# Function that makes the model -> rule, subject and message of the finding.
BAD = {
    bad.save_py_function: ("python_function", "EagerPyFunc", "calls back into this Python process"),
    bad.save_ragged_output: ("dense", "output 'words'", "ragged or sparse"),
    bad.save_sparse_output: ("dense", "output 'y'", "ragged or sparse"),
    # Its parts look like separate inputs, which do not share the batch axis.
    bad.save_ragged_input: ("batch_axis", "output 'y'", "as many rows as the request"),
    bad.save_half_output: ("dtype", "output 'y'", "float16"),
    bad.save_bfloat16_input: ("dtype", "input 'x'", "bfloat16"),
    bad.save_complex_output: ("dtype", "output 'y'", "complex64"),
    bad.save_scalar_output: ("rank", "output 'mean'", "scalar"),
    bad.save_scalar_input: ("rank", "input 'beams'", "scalar"),
    bad.save_one_row_for_all: ("batch_axis", "output 'y'", "as many rows as the request"),
    bad.save_compiled: ("xla", ".*PartitionedCall", "export the function without `jit_compile=True`"),
    bad.save_slice_update: ("xla", "XlaDynamicUpdateSlice", "replace `keras.ops.slice_update`"),
    bad.save_random_state: ("random_op", "RngReadAndSkip", "seed from the request"),
    bad.save_counter: ("state", "AssignAddVariableOp", "changes the model's state"),
    bad.save_padded_text: ("co_batching", "response", r"in a batch=.*</s>.*alone="),
    bad.save_assertion_on_content: (
        "content",
        "signature",
        "InvalidArgumentError for .*long .*: assertion failed",
    ),
    bad.save_lookup_out_of_range: ("content", "signature", "replace or clip values that it cannot use"),
    bad.save_cut_characters: ("utf8", "output 'start'", "valid UTF-8"),
    bad.save_infinite: ("finite", "output 'y'", "JSON has no NaN or infinity"),
    bad.save_no_empty_batch: ("empty_batch", "signature", "one without rows"),
    bad.save_table_without_initialiser: ("table", "lookup table", "not initialised"),
    bad.save_unknown_op: ("unknown_op", "StringMeasure", "neither to TensorFlow nor to TensorFlow Text"),
    bad.save_half_copied: ("missing_file", "file 'variables/variables.index'", "the graph has variables"),
    bad.save_with_variables_of_noise: ("load", "SavedModel", "cannot be loaded"),
    bad.save_under_a_word: ("version", "folder 'v1'", "not a whole number"),
    bad.save_warmup_of_noise: ("warmup", "tf_serving_warmup_requests", "cannot be read"),
    bad.save_warmup_of_other_messages: ("warmup", "tf_serving_warmup_requests", "cannot be read"),
    bad.save_warmup_of_unknown_signature: ("warmup", "tf_serving_warmup_requests", "'nope'"),
    bad.save_warmup_of_other_type: ("warmup", "tf_serving_warmup_requests", "Received: float32"),
    bad.save_warmup_that_fails: ("warmup", "tf_serving_warmup_requests", "failing record 0"),
    bad.save_warmup_too_long: ("warmup", "tf_serving_warmup_requests", "1001 records"),
}
DOUBTFUL = {
    bad.save_good: ("warmup_missing", "tf_serving_warmup_requests", "is missing"),
    bad.save_open_axis: ("open_axis", "output 'y'", "open axis after the batch"),
    bad.save_fixed_batch: ("fixed_batch", "input 'x'", "has a first axis of size 4"),
    bad.save_default_input: ("default_input", "input 'k'", "over gRPC only"),
    bad.save_warmup_of_one_row: ("not_compared", "warm-up requests", "was not tested"),
    bad.save_decision_forest: ("decision_forests", "SimpleMLInferenceOpWithHandle", "Decision Forests, .* was not run"),
    bad.save_text_as_bytes: ("bytes_alias", "output 'text_bytes'", "base64"),
}


pytestmark = pytest.mark.usefixtures("checks_in_this_process")


def assert_found(findings, expected):
    rule, subject, message = expected
    found = [finding for finding in findings if finding.rule == rule and re.fullmatch(subject, finding.subject)]
    assert found, findings
    assert re.search(message, str(found[0]))


@pytest.mark.parametrize("save", BAD, ids=lambda save: save.__name__)
def test_errors_of_bad_models(save, tmp_path):
    errors = [finding for finding in export.check(save(tmp_path)) if finding.severity == "error"]
    assert_found(errors, BAD[save])
    # One fault gives one error, but a failing warm-up request is a fault of the graph and of the file.
    also = {"content"} if save is bad.save_warmup_that_fails else set()
    assert {finding.rule for finding in errors} == {BAD[save][0]} | also


@pytest.mark.parametrize("save", DOUBTFUL, ids=lambda save: save.__name__)
def test_warnings_of_doubtful_models(save, tmp_path):
    findings = export.check(save(tmp_path))
    assert_found(findings, DOUBTFUL[save])
    assert {finding.severity for finding in findings} == {"warning"}


@pytest.mark.parametrize("save", [bad.save_ragged_input, bad.save_sparse_input], ids=lambda save: save.__name__)
def test_a_ragged_input_is_named(save, tmp_path):
    assert_found(export.check(save(tmp_path)), ("ragged_input", "input 'x'", r"parts \['x', 'x_1'"))


def test_dense_inputs_of_one_name_are_not_ragged(tmp_path):
    assert {finding.rule for finding in export.check(bad.save_unnamed_parts(tmp_path))} == {"warmup_missing"}


def test_our_exports_have_no_findings(lexicon_folder):
    assert export.check(lexicon_folder) == []


def test_a_row_that_occurs_twice_is_two_rows(tmp_path):
    def different(text):
        """The rows of the texts that differ, by a way that only running shows."""
        words = tf.unique(text)[0]
        return {"size": tf.reshape(bad.length(words), tf.shape(words))}

    errors = [found for found in export.check(bad.save(tmp_path, different)) if found.severity == "error"]
    assert "batch_axis" in {finding.rule for finding in errors}


def test_padding_after_length_is_ignored(tmp_path):
    def tokens(text):
        words = tf.strings.split(bad.repaired(text))
        return {"tokens": words.to_tensor("</s>"), "length": tf.cast(words.row_lengths(), tf.int32)}

    assert {finding.rule for finding in export.check(bad.save(tmp_path, tokens))} == {"open_axis", "warmup_missing"}


def test_every_endpoint_is_checked(tmp_path):
    module = tf.Module()
    functions = {
        "good": lambda text: {"y": bad.length(text)},
        "cut": lambda text: {"y": tf.strings.substr(text, 0, 1)},
        "infinite": lambda text: {"y": tf.math.log(bad.length(text))},
    }
    signatures = {name: tf.function(function).get_concrete_function(bad.TEXT) for name, function in functions.items()}
    tf.saved_model.save(module, str(tmp_path / "1"), signatures)
    errors = [finding for finding in export.check(tmp_path) if finding.severity == "error"]
    assert {(finding.endpoint, finding.rule) for finding in errors} == {("cut", "utf8"), ("infinite", "finite")}


def test_a_finding_names_the_endpoint_and_the_advice(tmp_path):
    finding = export.check(bad.save_half_output(tmp_path))[0]
    assert str(finding) == (
        "serving_default: output 'y' is float16, which requests and responses cannot carry; "
        "cast it inside the endpoint; half types to float32, uint16 to int32"
    )
    assert dataclasses.asdict(finding)["severity"] == "error"


def test_a_folder_without_a_saved_model_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="SavedModel"):
        export.check(tmp_path)


@pytest.fixture(scope="session")
def good_session(tmp_path_factory):
    with export.SessionRunner(bad.save_good(tmp_path_factory.mktemp("good"))) as session:
        yield session


@given(st.lists(st.binary(max_size=40) | st.text(max_size=40), min_size=1, max_size=8), st.data())
def test_rows_are_independent_of_their_batch(good_session, texts, data):
    rows = good_session.endpoints["serving_default"].feed({"text": texts})
    cut = data.draw(st.integers(0, len(texts)))
    together = good_session.call("serving_default", **rows)
    parts = [good_session.call("serving_default", **part) for part in (take(rows, 0, cut), take(rows, cut, len(texts)))]
    alone = [good_session.call("serving_default", **row) for row in split(rows)]
    assert not difference("together", together, "in two parts", concatenate(parts))
    assert not difference("together", together, "alone", concatenate(alone))
