import ctypes
import inspect
from pathlib import Path

import keras
import pytest
import tensorflow as tf
import tensorflow_text
from tensorflow.core.framework import op_def_pb2

from tfmodels.export.checks import forbidden_ops, op_rules
from tfmodels.export.graph.meta_graph import read_meta_graph
from tfmodels.export.graph.reached_ops import ReachedOps, used_ops
from tfmodels.export.runners.c_library import c_library


class Buffer(ctypes.Structure):
    """`TF_Buffer`."""

    _fields_ = (("data", ctypes.c_void_p), ("length", ctypes.c_size_t))


def zeros(text):
    return tf.zeros([tf.shape(text)[0], 2])


class Stateful(tf.Module):
    def __init__(self):
        super().__init__()
        self.counter = tf.Variable(0.0)
        self.table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, default_value=0)
        self.recurrent = keras.layers.LSTM(2, dropout=0.5)

    def assign(self, text):
        self.counter.assign_add(1.0)
        return zeros(text) + self.counter

    def insert(self, text):
        self.table.insert(text, tf.ones_like(text, tf.int64))
        return zeros(text)

    def recur(self, text):
        return self.recurrent(zeros(text)[:, None], training=False)


def in_a_loop(text):
    step = (lambda i, y: i < 2, lambda i, y: (i + 1, y + tf.random.normal(tf.shape(y))), (0, zeros(text)))
    return tf.while_loop(*step)[1]


FORBIDDEN = {
    "py_function": (lambda text: tf.py_function(lambda x: x, [zeros(text)], tf.float32), "EagerPyFunc"),
    "numpy_function": (lambda text: tf.numpy_function(lambda x: x, [zeros(text)], tf.float32), "PyFunc"),
    "uniform": (lambda text: tf.random.uniform(tf.shape(zeros(text))), "RandomUniform"),
    "seeded": (lambda text: tf.random.uniform(tf.shape(zeros(text)), seed=3), "RandomUniform"),
    "nested": (in_a_loop, "RandomStandardNormal"),
    "slice_update": (lambda text: keras.ops.slice_update(zeros(text), (0, 0), [[1.0]]), "XlaDynamicUpdateSlice"),
}


def forbidden(path):
    return forbidden_ops.forbidden_ops(ReachedOps(read_meta_graph(path)))


def saved(function, folder, resources=()):
    serve = tf.function(lambda text: {"y": function(text)}).get_concrete_function(tf.TensorSpec([None], tf.string))
    module = tf.Module()
    module.owned = [*serve.variables, *resources]
    tf.saved_model.save(module, str(folder), {"serving_default": serve})
    return folder


@pytest.mark.parametrize("case", FORBIDDEN)
def test_ops_that_fail_on_a_server_are_found(case, tmp_path):
    function, op = FORBIDDEN[case]
    findings = forbidden(saved(function, tmp_path))
    assert {(finding.endpoint, finding.subject) for finding in findings} == {("serving_default", op)}


@pytest.mark.parametrize(
    ("method", "op"),
    [("assign", "AssignAddVariableOp"), ("insert", "LookupTableInsertV2"), ("recur", "AssignVariableOp")],
)
def test_ops_that_change_the_state_are_found(method, op, tmp_path):
    owner = Stateful()
    findings = forbidden(saved(getattr(owner, method), tmp_path, [owner.table]))
    assert op in {finding.subject for finding in findings}


@pytest.mark.parametrize(
    "function",
    [
        lambda text: tf.function(tf.math.sin, jit_compile=True)(zeros(text)),
        tf.function(lambda text: tf.math.sin(zeros(text)), jit_compile=True),
    ],
    ids=["inside", "whole"],
)
def test_functions_that_need_a_compiler_are_found(function, tmp_path):
    assert "jit_compile" in "\n".join(map(str, forbidden(saved(function, tmp_path))))


def test_a_finding_names_the_function_and_the_problem(tmp_path):
    (finding,) = forbidden(saved(in_a_loop, tmp_path))
    assert "while_body" in finding.problem
    assert str(finding).startswith("serving_default: RandomStandardNormal draws without a seed input")


def test_ops_of_stock_servers_are_accepted(tmp_path):
    table = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(["one"], tf.constant([1], tf.int64)), default_value=0
    )
    weights = tf.Variable([0.0, 1.0])

    def function(text):
        pieces = tensorflow_text.WhitespaceTokenizer().tokenize(text).to_tensor(shape=[None, 2])
        drawn = tf.random.stateless_uniform(tf.shape(pieces), [1, 2])
        kept = tf.tensor_scatter_nd_update(drawn, tf.zeros([tf.minimum(1, tf.shape(text)[0]), 2], tf.int32), [0.0])
        return tf.gather(weights, table.lookup(pieces)) + kept

    # The saver's own functions assign variables; no request reaches them.
    assert forbidden(saved(function, tmp_path, [table])) == []


def test_an_op_of_neither_library_is_unknown(tmp_path):
    path = saved(zeros, tmp_path) / "saved_model.pb"
    path.write_bytes(path.read_bytes().replace(b"\x05Shape", b"\x05Shapo"))
    (finding,) = forbidden(tmp_path)
    assert finding.subject == "Shapo"
    assert "does not know it" in finding.problem


def test_ops_with_a_seed_attribute_are_refused():
    seeded = {op for op in op_rules.core_ops() if "seed2" in inspect.signature(getattr(tf.raw_ops, op)).parameters}
    assert len(seeded) > 30
    assert {op for op in seeded if not op_rules.refused(op)} == {"ComputeAccidentalHits"}  # which draws nothing


@pytest.mark.parametrize(
    "op", ["ScatterNd", "TensorScatterUpdate", "StatelessRandomUniformV2", "LookupTableFindV2", "ReadVariableOp"]
)
def test_ops_without_side_effects_are_not_refused(op):
    assert op in op_rules.core_ops()
    assert not op_rules.refused(op)


def test_the_list_of_core_ops_is_complete():
    assert op_rules.core_ops() == {name for name in dir(tf.raw_ops) if not name.startswith("_")}


def test_the_list_of_core_ops_tells_which_are_stateful():
    library = c_library()
    library.TF_GetAllOpList.restype = ctypes.POINTER(Buffer)
    buffer = library.TF_GetAllOpList().contents
    ops = op_def_pb2.OpList.FromString(ctypes.string_at(buffer.data, buffer.length)).op
    assert op_rules.stateful_ops() == {op.name for op in ops if op.is_stateful} & op_rules.core_ops()


def test_the_list_of_text_ops_is_complete():
    libraries = Path(tensorflow_text.__file__).parent.glob("python/**/_*.so")
    names = {name for library in libraries for name in dir(tf.load_op_library(str(library)))}
    registered = {name.replace("TFText_", "TFText>") for name in names if name[0].isupper()}
    generated = {"Annotated", "Any", "List", "TypeVar", "LIB_HANDLE", "OP_LIST"}
    assert {name for name in registered if not name.startswith("TV_")} - generated == set(op_rules.TEXT_OPS)


def test_state_may_be_set_before_the_first_request(tmp_path):
    class Expanded(tf.saved_model.experimental.TrackableResource):
        variable = tf.Variable([0.0])

        def _create_resource(self):
            return self.variable.handle

        def _initialize(self):
            self.variable.assign([2.0])

    expanded = Expanded()
    path = saved(lambda text: zeros(text) + expanded.variable, tmp_path, [expanded])
    assert "AssignVariableOp" in used_ops(read_meta_graph(path))
    assert forbidden(path) == []
