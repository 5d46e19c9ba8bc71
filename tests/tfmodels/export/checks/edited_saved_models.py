"""SavedModels that break a rule of `check`, each made by an edit of one sound SavedModel's files."""

import os
import shutil

import bad_saved_models as bad
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

FLOAT, STRING, INT64 = 1, 7, 9  # of DataType


class Sound(tf.Module):
    """A table from an asset, a variable, and three outputs."""

    def __init__(self, folder):
        super().__init__()
        words = folder / "words.txt"
        words.write_text("one\ntwo\n")
        rows = tf.lookup.TextFileInitializer(
            str(words), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER
        )
        self.table = tf.lookup.StaticHashTable(rows, -1)
        self.scale = tf.Variable(2.0)

    @tf.function(input_signature=[bad.TEXT, tf.TensorSpec([None], tf.float32, name="weight")], autograph=False)
    def serve(self, text, weight):
        loud = tf.strings.upper(bad.repaired(text), encoding="utf-8")
        return {"id": self.table.lookup(text), "size": self.scale * tf.tanh(weight) * bad.length(text), "loud": loud}


def save_sound(folder):
    module = Sound(folder)
    tf.saved_model.save(module, str(folder / "1"), {"serving_default": module.serve})
    return folder / "1"


def saved(version):
    return saved_model_pb2.SavedModel.FromString((version / "saved_model.pb").read_bytes())


def write(version, model):
    (version / "saved_model.pb").write_bytes(model.SerializeToString())


def graph_edit(change):
    """An edit of the graph: `change(graph)`."""
    return lambda version: bad.edit(version, change)


def signature_edit(change):
    """An edit of the signature: `change(definition)`."""
    return graph_edit(lambda graph: change(graph.signature_def["serving_default"]))


def body(graph):
    """The function that computes the answers."""
    functions = graph.graph_def.library.function
    return next(one for one in functions if any(node.op == "StringLength" for node in one.node_def))


def argument(graph, place):
    return body(graph).signature.input_arg[place].name


def with_node(op, inputs=(), **attributes):
    """Adds a node to the function that computes the answers."""

    def change(graph):
        node = body(graph).node_def.add(name="added", op=op, input=inputs)
        for name, value in attributes.items():
            if isinstance(value, list):
                node.attr[name].list.s.extend(value)
            else:
                node.attr[name].s = value

    return graph_edit(change)


def unreached(op):
    """Adds a node that nothing asks for."""
    return graph_edit(lambda graph: graph.graph_def.node.add(name="x", op=op))


def with_check(op):
    """Adds a check of the numbers that a request brings."""

    def change(graph):
        numbers = next(name for name in (argument(graph, 0), argument(graph, 1)) if "weight" in name)
        finite = body(graph).node_def.add(name="finite", op="IsFinite", input=[numbers])
        body(graph).node_def.add(
            name="added", op=op, input=[numbers if op == "CheckNumerics" else f"{finite.name}:y:0"]
        )

    return graph_edit(change)


def with_rows_of(op, output, *more):
    """Makes an output one whose rows are counted by an op."""

    def change(graph):
        function = body(graph)
        function.node_def.add(name="counted", op=op, input=[argument(graph, 0), *more])
        function.node_def.add(name="passed", op="StringLength", input=[f"counted:{output}:0"])
        function.ret[function.signature.output_arg[0].name] = "passed:output:0"

    return graph_edit(change)


def with_file_written(path, root):
    """Makes the initialiser or the restoring of variables write a file."""

    def change(graph):
        nodes = graph.graph_def.node
        for name, text in (("path", str(path)), ("text", "written")):
            node = nodes.add(name=name, op="Const")
            node.attr["dtype"].type = STRING
            node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(text))
        nodes.add(name="added", op="WriteFile", input=["path", "text"])
        initialiser = graph.collection_def["saved_model_main_op"].node_list.value[0]
        name = initialiser if root == "initialiser" else graph.saver_def.restore_op_name
        next(node for node in nodes if node.name == name.partition(":")[0]).input.append("^added")

    return graph_edit(change)


def with_other_prefix(graph):
    """The variables are read from another place than the server says."""
    node = graph.graph_def.node.add(name="elsewhere", op="Const")
    node.attr["dtype"].type = STRING
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto("/etc/variables"))
    restoring = next(node for node in graph.graph_def.node if node.name == graph.saver_def.restore_op_name)
    restoring.input[list(restoring.input).index("saver_filename")] = "elsewhere"


def with_table_of_other_file(graph):
    """The table is read from a file that is no asset."""
    graph.asset_file_def.pop()


def with_train_op(graph):
    """A signature under a reserved name, which clients may ask for like any other."""
    node = graph.graph_def.node.add(name="added", op="PyFunc")
    node.attr["token"].s = b"pyfunc_0"
    graph.signature_def["__saved_model_train_op"].outputs["y"].name = "added:0"


def with_initialiser_to_ask_for(graph):
    """The initialiser changes state, and is a signature that answers with a tensor."""
    graph.graph_def.node.add(name="added", op="LookupTableImportV2")
    graph.graph_def.node.add(name="answer", op="Const", input=["^added"])
    graph.signature_def["__saved_model_init_op"].ClearField("outputs")
    graph.signature_def["__saved_model_init_op"].outputs["y"].name = "answer:0"
    graph.signature_def["__saved_model_init_op"].outputs["y"].dtype = INT64


def alias(kind, name, other_kind, other):
    """Puts one name on the tensor of another."""
    return signature_edit(
        lambda definition: getattr(definition, kind)[name].CopyFrom(getattr(definition, other_kind)[other])
    )


def typed(kind, name, number):
    return signature_edit(lambda definition: setattr(getattr(definition, kind)[name], "dtype", number))


def shaped(*sizes):
    def change(definition):
        del definition.inputs["weight"].tensor_shape.dim[:]
        for size in sizes:
            definition.inputs["weight"].tensor_shape.dim.add(size=size)

    return signature_edit(change)


def tagged(*tags):
    def change(graph):
        del graph.meta_info_def.tags[:]
        graph.meta_info_def.tags.extend(tags)

    return graph_edit(change)


def twice(version):
    model = saved(version)
    model.meta_graphs.add().CopyFrom(model.meta_graphs[0])
    write(version, model)


def without_graphs(version):
    write(version, saved_model_pb2.SavedModel())


def without_signatures(graph):
    for name in list(graph.signature_def):
        del graph.signature_def[name]


def with_node_cycle(graph):
    graph.graph_def.node.add(name="a", op="Identity", input=["b"])
    graph.graph_def.node.add(name="b", op="Identity", input=["a"])


def with_recursion(graph):
    function = body(graph)
    node = function.node_def.add(name="again", op="StatefulPartitionedCall")
    node.attr["f"].func.name = function.signature.name


def with_calls(functions, calls):
    """Adds functions of which each calls the one before, so many times, and a call of the last."""

    def change(graph):
        for number in range(functions):
            function = graph.graph_def.library.function.add()
            function.signature.name = f"f{number}"
            for place in range(calls if number else 0):
                call(function.node_def, f"call{place}", f"f{number - 1}")
        call(graph.graph_def.node, "called", f"f{functions - 1}")

    return graph_edit(change)


def call(nodes, name, function):
    node = nodes.add(name=name, op="PartitionedCall")
    node.attr["f"].func.name = function


def with_compiled(graph):
    body(graph).attr["_XlaMustCompile"].b = True


def asset_named(name):
    def change(graph):
        graph.asset_file_def[0].filename = name

    return graph_edit(change)


def cut(version):
    file = version / "saved_model.pb"
    file.write_bytes(file.read_bytes()[:-1000])


def removed(pattern):
    def remove(version):
        for file in version.glob(pattern):
            file.unlink()

    return remove


def linked(target):
    return lambda version: (version / "assets" / "more").symlink_to(target)


def circle(version):
    (version / "assets" / "a").symlink_to(version / "assets" / "b")
    (version / "assets" / "b").symlink_to(version / "assets" / "a")


def linked_variables(version):
    shutil.move(version / "variables", version.parent / "elsewhere")
    (version / "variables").symlink_to(version.parent / "elsewhere")


IN_THE_FUNCTION = {
    "file_access": (
        *("ReadFile", "WriteFile", "MatchingFiles", "TFRecordDatasetV2", "TextLineDataset", "WholeFileReaderV2"),
        *("SaveV2", "RestoreV2", "MergeV2Checkpoints", "ImmutableConst", "CreateSummaryFileWriter", "SqlDataset"),
        *("SnapshotDatasetV2", "LoadAndRemapMatrix", "LMDBReader", "InitializeTableFromTextFileV2"),
    ),
    "queue": (
        *("FIFOQueueV2", "QueueDequeueV2", "Barrier", "Stage", "MapUnstage", "IteratorGetNext", "BatchFunction"),
        "MutexLock",
    ),
    "hidden_graph": ("DatasetFromGraph", "DeserializeIterator", "SymbolicGradient"),
    "abort": ("Abort",),
    "clock": ("Timestamp",),
    "network": ("RemoteCall", "CollectiveReduceV2", "Recv", "DataServiceDatasetV4"),
    "random_op": ("RandomUniform", "RngReadAndSkip"),
    "state": (
        *("AssignVariableOp", "LookupTableInsertV2", "LookupTableImportV2", "InitializeTableV2", "DestroyResourceOp"),
        *("BoostedTreesUpdateEnsembleV2", "DeleteSessionTensor", "GetSessionHandleV2", "InplaceUpdate"),
    ),
    "python_function": ("EagerPyFunc", "PyFunc"),
    "xla": ("XlaDynamicUpdateSlice",),
    "gpu_only": ("CudnnRNN",),
    "unknown_op": ("StringMeasure",),
}

# What is wrong -> rule that finds it, edit.
EDITS = {
    **{op: (rule, with_node(op)) for rule, ops in IN_THE_FUNCTION.items() for op in ops},
    "print to a file": ("file_access", with_node("PrintV2", output_stream=b"file:///tmp/printed")),
    "types from a file": ("file_access", with_node("DecodeProtoV2", descriptor_source=b"/etc/types.pb")),
    "debug to a machine": ("file_access", with_node("DebugIdentityV2", debug_urls=[b"grpc://other:1"])),
    "unreached graph": ("hidden_graph", unreached("DatasetFromGraph")),
    "initialiser to ask for": ("state", graph_edit(with_initialiser_to_ask_for)),
    "train op": ("python_function", graph_edit(with_train_op)),
    "unreached read": ("file_access", unreached("ReadFile")),
    "other prefix": ("file_access", graph_edit(with_other_prefix)),
    "table of other file": ("file_access", graph_edit(with_table_of_other_file)),
    "finite numbers": ("numeric_check", with_check("CheckNumerics")),
    "compiled": ("xla", graph_edit(with_compiled)),
    "unique rows": ("row_count", with_rows_of("Unique", "y")),
    "rows found": ("row_count", with_rows_of("Where", "index")),
    "split rows": ("row_count", with_rows_of("StringSplitV2", "values", "text")),
    "rows left over": ("row_count", with_rows_of("ListDiff", "out", "text")),
    "two outputs": ("two_outputs", alias("outputs", "id", "outputs", "size")),
    "two inputs": ("two_inputs", alias("inputs", "text", "inputs", "weight")),
    "output is input": ("output_is_input", alias("outputs", "size", "inputs", "weight")),
    "unknown output": ("tensor_name", signature_edit(lambda found: setattr(found.outputs["id"], "name", "nope:0"))),
    "unknown input": ("tensor_name", signature_edit(lambda found: setattr(found.inputs["text"], "name", "nope:0"))),
    "ragged": ("dense", signature_edit(lambda found: found.outputs["id"].ClearField("name"))),
    "no input": ("batch_axis", signature_edit(lambda found: found.ClearField("inputs"))),
    "uint16 in": ("dtype", typed("inputs", "weight", 17)),
    "uint16 out": ("dtype", typed("outputs", "size", 17)),
    "half": ("dtype", typed("outputs", "size", 19)),
    "complex": ("dtype", typed("outputs", "size", 8)),
    "reference": ("dtype", typed("inputs", "weight", 101)),
    "resource": ("dtype", typed("inputs", "weight", 20)),
    "no type": ("dtype", typed("outputs", "size", 0)),
    "unknown type": ("dtype", typed("outputs", "size", 999)),
    "scalar": ("rank", shaped()),
    "negative axis": ("shape", shaped(-1, -7)),
    "huge shape": ("shape", shaped(-1, 2**40, 2**40)),
    "many axes": ("shape", shaped(*[1] * 300)),
    "tags serve, gpu": ("tags", tagged("serve", "gpu")),
    "tag train": ("tags", tagged("train")),
    "no tag": ("tags", tagged()),
    "two graphs": ("tags", twice),
    "no graph": ("tags", without_graphs),
    "no signature": ("signatures", graph_edit(without_signatures)),
    "cycle": ("cycle", graph_edit(with_node_cycle)),
    "recursion": ("call_tree", graph_edit(with_recursion)),
    "many calls": ("call_tree", with_calls(40, 2)),
    "deep calls": ("call_tree", with_calls(5_000, 1)),
    "asset above": ("asset_path", asset_named("../../words.txt")),
    "asset elsewhere": ("asset_path", asset_named("/etc/passwd")),
    "asset without name": ("asset_path", asset_named("")),
    "asset missing": ("missing_file", removed("assets/*")),
    "index missing": ("missing_file", removed("variables/*.index")),
    "shard missing": ("missing_file", removed("variables/*.data*")),
    "link out": ("link", linked("/etc/passwd")),
    "link to nowhere": ("link", linked("../../../nowhere")),
    "links in a circle": ("link", circle),
    "folder of variables elsewhere": ("link", linked_variables),
    "pipe": ("file_kind", lambda version: os.mkfifo(version / "assets" / "pipe")),
    "cut off": ("damaged", cut),
    "noise": ("damaged", lambda version: (version / "saved_model.pb").write_bytes(b"\xff" * 100)),
    "other file": ("damaged", lambda version: (version / "saved_model.pb").write_bytes(b"\x12\x05hello")),
    "other name": ("version", lambda version: version.rename(version.parent / "latest")),
}
DOUBTFUL = {
    "fixed batch": ("fixed_batch", shaped(4)),
    "open axis": ("open_axis", shaped(-1, -1)),
    "unknown shape": (
        "unknown_shape",
        signature_edit(lambda found: setattr(found.inputs["weight"].tensor_shape, "unknown_rank", True)),
    ),
    "assertion": ("assertion", with_check("Assert")),
    "decision forest": ("decision_forests", with_node("SimpleMLInferenceOpWithHandle")),
}
