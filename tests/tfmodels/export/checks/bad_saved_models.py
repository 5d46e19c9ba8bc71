"""SavedModels that load here but fail, or break other requests, behind TensorFlow Serving."""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from tfmodels.export.warmup_requests import warmup_file

TEXT = tf.TensorSpec([None], tf.string, name="text")


def length(text):
    return tf.cast(tf.strings.length(text), tf.float32)


def repaired(text):
    return tf.strings.unicode_transcode(text, "UTF-8", "UTF-8", errors="replace")


def save(folder, function, *specs):
    """Saves a function of texts, or of `specs`, and returns the version folder."""
    signature = tf.function(function, autograph=False).get_concrete_function(*specs or [TEXT])
    module = tf.Module()
    module.owned = list(signature.variables)
    version = folder / "1"
    tf.saved_model.save(module, str(version), {"serving_default": signature})
    return version


def save_good(folder):
    return save(folder, lambda text: {"text": tf.strings.upper(repaired(text), encoding="utf-8"), "size": length(text)})


def save_py_function(folder):
    return save(folder, lambda text: {"y": tf.ensure_shape(tf.py_function(length, [text], tf.float32), [None])})


def save_ragged_output(folder):
    return save(folder, lambda text: {"words": tf.strings.split(text)})


def save_sparse_output(folder):
    return save(folder, lambda text: {"y": tf.sparse.from_dense(length(text)[:, None])})


def save_ragged_input(folder):
    return save(folder, lambda x: {"y": x.row_lengths()}, tf.RaggedTensorSpec([None, None], tf.int32))


def save_sparse_input(folder):
    return save(folder, lambda x: {"y": tf.sparse.reduce_sum(x, 1)}, tf.SparseTensorSpec([None, 3], tf.float32))


def save_unnamed_parts(folder):
    """Dense inputs in a dict, which share one name."""
    specs = {"a": tf.TensorSpec([None], tf.float32), "b": tf.TensorSpec([None], tf.float32)}
    return save(folder, lambda x: {"y": x["a"] + x["b"]}, specs)


def save_half_output(folder):
    return save(folder, lambda text: {"y": tf.cast(length(text), tf.float16)})


def save_bfloat16_input(folder):
    return save(folder, lambda x: {"y": tf.cast(x, tf.float32)}, tf.TensorSpec([None], tf.bfloat16, name="x"))


def save_complex_output(folder):
    return save(folder, lambda text: {"y": tf.cast(length(text), tf.complex64)})


def save_scalar_output(folder):
    return save(folder, lambda text: {"size": length(text), "mean": tf.reduce_mean(length(text))})


def save_scalar_input(folder):
    beams = tf.TensorSpec([], tf.float32, name="beams")
    return save(folder, lambda text, beams: {"y": length(text) * beams}, TEXT, beams)


def save_fixed_batch(folder):
    return save(folder, lambda x: {"y": 2 * x}, tf.TensorSpec([4, 2], tf.float32, name="x"))


def save_one_row_for_all(folder):
    return save(folder, lambda text: {"y": tf.ensure_shape(length(text)[:1], [None])})


def save_compiled(folder):
    return save(folder, lambda text: {"y": tf.function(tf.math.sin, jit_compile=True)(length(text))})


def save_slice_update(folder):
    def with_cache(text):
        cache = tf.zeros([tf.shape(text)[0], 3])
        return {"y": keras.ops.slice_update(cache, (0, 0), length(text)[:, None])}

    return save(folder, with_cache)


def save_random_state(folder):
    generator = tf.random.Generator.from_seed(1)

    def sample(text):
        return {"y": length(text) * generator.uniform([])}

    return save(folder, sample)


def save_counter(folder):
    counter = tf.Variable(0.0)
    return save(folder, lambda text: {"y": length(text) + counter.assign_add(1.0)})


def save_padded_text(folder):
    def words(text):
        return {"y": tf.strings.reduce_join(tf.strings.split(repaired(text)).to_tensor("</s>"), axis=1, separator=" ")}

    return save(folder, words)


def save_assertion_on_content(folder):
    def refuse_long(text):
        with tf.control_dependencies([tf.debugging.assert_less(length(text), 100.0)]):
            return {"y": length(text)}

    return save(folder, refuse_long)


def save_lookup_out_of_range(folder):
    weights = tf.Variable([0.0, 1.0, 2.0])
    return save(folder, lambda ids: {"y": tf.gather(weights, ids)}, tf.TensorSpec([None], tf.int32, name="ids"))


def save_cut_characters(folder):
    return save(folder, lambda text: {"start": tf.strings.substr(text, 0, 1)})


def save_text_as_bytes(folder):
    return save(folder, lambda text: {"text_bytes": repaired(text)})


def save_infinite(folder):
    return save(folder, lambda text: {"y": tf.math.log(length(text))})


def save_no_empty_batch(folder):
    return save(folder, lambda text: {"y": length(text) + 0 * length(text)[0]})


def save_open_axis(folder):
    return save(folder, lambda ids: {"y": ids + 1}, tf.TensorSpec([None, None], tf.int32, name="ids"))


def save_default_input(folder):
    version = save(folder, lambda text, k: {"y": length(text) * k}, TEXT, tf.TensorSpec([None], tf.float32, name="k"))

    def set_default(graph):
        graph.signature_def["serving_default"].defaults["k"].CopyFrom(tf.make_tensor_proto(np.ones(1, np.float32)))

    edit(version, set_default)
    return version


def save_table_without_initialiser(folder):
    """Like a TF1 exporter without `main_op=tf.tables_initializer()`."""
    version = folder / "1"
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        words = tf.lookup.KeyValueTensorInitializer(tf.constant(["one"]), tf.constant([1], tf.int64))
        text = tf.compat.v1.placeholder(tf.string, [None])
        ids = tf.lookup.StaticHashTable(words, default_value=0).lookup(text)
        tf.compat.v1.saved_model.simple_save(session, str(version), {"text": text}, {"id": ids})
    # `simple_save` sets it.
    edit(version, lambda graph: graph.signature_def.pop("__saved_model_init_op"))
    return version


def save_unknown_op(folder):
    return with_op(save_good(folder), "StringMeasure")


def save_decision_forest(folder):
    return with_op(save_good(folder), "SimpleMLInferenceOpWithHandle")


def with_op(version, name):
    """Replaces an op of the graph by one that is not registered here."""

    def rename(graph):
        for function in graph.graph_def.library.function:
            for node in function.node_def:
                node.op = node.op.replace("StringLength", name)

    edit(version, rename)
    return version


def save_half_copied(folder):
    version = save_lookup_out_of_range(folder)
    for file in (version / "variables").iterdir():
        file.unlink()
    return version


def save_with_variables_of_noise(folder):
    version = save_lookup_out_of_range(folder)
    (version / "variables" / "variables.index").write_bytes(b"noise" * 100)
    return version


def save_under_a_word(folder):
    return save_good(folder).rename(folder / "v1")


def save_warmup_of_noise(folder):
    return with_warmup(save_good(folder), lambda file: file.write_bytes(b"no record at all"))


def save_warmup_of_other_messages(folder):
    return with_warmup(save_good(folder), lambda file: write_records(file, [b"\xff\xff"]))


def save_warmup_of_unknown_signature(folder):
    return with_warmup(save_good(folder), lambda file: write_records(file, [record("nope", text=[b"a"])]))


def save_warmup_of_other_type(folder):
    return with_warmup(save_good(folder), lambda file: write_records(file, [record(text=np.float32([1.0]))]))


def save_warmup_that_fails(folder):
    version = save_assertion_on_content(folder)
    return with_warmup(version, lambda file: write_records(file, [record(text=[b"a" * 200]), record(text=[b"a"])]))


def save_warmup_too_long(folder):
    return with_warmup(save_good(folder), lambda file: write_records(file, [record(text=[b"a"])] * 1001))


def save_warmup_of_one_row(folder):
    version = save(folder, lambda x: {"y": 2 * x}, tf.TensorSpec([None], tf.float32, name="x"))
    return with_warmup(version, lambda file: write_records(file, [record(x=np.float32([1.0]))] * 2))


def edit(version, change):
    """Changes the graph of a SavedModel on disk."""
    file = version / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    change(saved.meta_graphs[0])
    file.write_bytes(saved.SerializeToString())


def with_warmup(version: Path, write):
    file = warmup_file(version)
    file.parent.mkdir()
    write(file)
    return version


def record(signature="", **inputs):
    from tensorflow_serving.apis import prediction_log_pb2

    log = prediction_log_pb2.PredictionLog()
    log.predict_log.request.model_spec.signature_name = signature
    for name, values in inputs.items():
        log.predict_log.request.inputs[name].CopyFrom(tf.make_tensor_proto(values))
    return log.SerializeToString()


def write_records(file, records):
    with tf.io.TFRecordWriter(str(file)) as writer:
        for serialised in records:
            writer.write(serialised)
