"""Which ops of a SavedModel a stock TensorFlow Serving would fail on.

Judged by name: some of them run in this process and fail on the server only.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import tensorflow as tf

from tfmodels.export.checks.finding import ERROR, WARNING, Finding

# The ops that TensorFlow Text 2.21 registers for the libraries of its `ops_lib`, which the stock server links in.
TEXT_OPS = (
    "CaseFoldUTF8", "ConstrainedSequence", "FastBertNormalize", "FastWordpieceTokenizeWithOffsets",
    "FindSourceOffsets", "MaxSpanningTree", "NormalizeUTF8", "NormalizeUTF8WithOffsetsMap", "PhraseTokenize",
    "RegexSplitWithOffsets", "RougeL", "SentenceFragments", "SentenceFragmentsV2", "SentencepieceDetokenizeOp",
    "SentencepieceIdToStringOp", "SentencepieceOp", "SentencepieceStringToIdOp", "SentencepieceTokenizeOp",
    "SentencepieceTokenizeWithOffsetsOp", "SentencepieceVocabSizeOp", "SplitMergeTokenizeWithOffsets",
    "TFText>BoiseTagsToOffsets", "TFText>ByteSplitByOffsets", "TFText>ByteSplitWithOffsets",
    "TFText>FastSentencepieceDetokenize", "TFText>FastSentencepieceTokenize", "TFText>FastWordpieceDetokenize",
    "TFText>NgramsStringJoin", "TFText>OffsetsToBoiseTags", "TFText>PhraseDetokenize",
    "TFText>RoundRobinGenerateMasks", "TFText>RoundRobinTrim", "TFText>Utf8Binarize",
    "TFText>WhitespaceTokenizeWithOffsetsV2", "TokenizerFromLogits", "UnicodeScriptTokenizeWithOffsets",
    "WhitespaceTokenizeWithOffsets", "WordpieceTokenizeWithOffsets",
)  # fmt: skip
_CORE_OPS = tuple(name for name in dir(tf.raw_ops) if not name.startswith("_"))
_KNOWN_OPS = frozenset(_CORE_OPS + TEXT_OPS)

_NO_XLA = "needs the XLA compiler, which TensorFlow Serving does not run"

_STATE = "state"
# Names that are refused though TensorFlow knows them -> the rule, why, and what to do.
_REFUSED = {
    r".*Xla.*": (
        "xla",
        _NO_XLA,
        "leave out `keras.ops.slice_update` (`tf.tensor_scatter_nd_update` does the same) and other XLA ops",
    ),
    r"PyFunc|PyFuncStateless|EagerPyFunc": (
        "python_function",
        "calls back into this Python process",
        "write it with TensorFlow ops instead of `tf.py_function` or `tf.numpy_function`",
    ),
    r"CudnnRNN.*": ("gpu_only", "runs on GPUs only", "export recurrent layers with `use_cudnn=False`"),
    r"Assign.*"
    r"|(Resource)?(Sparse)?Apply.*"
    r"|(Resource)?Scatter(Nd)?(Add|Sub|Mul|Div|Min|Max|Update)"
    r"|(Resource)?StridedSliceAssign"
    r"|(Resource)?CountUpTo"
    r"|ResourceAccumulator.*"
    r"|LookupTable(Insert|Remove).*": (
        _STATE,
        "changes the model's state, so that an answer depends on earlier requests",
        "keep the state in the inputs and outputs; use `keras.layers.Dropout`, not the `dropout` of a recurrent layer",
    ),
    r"Random(Uniform|UniformInt|StandardNormal|Gamma|Poisson|PoissonV2|Shuffle|Crop)"
    r"|.*(Random|Shuffle|Sampling).*(Dataset|Queue)(V\d)?"
    r"|Stateful(Uniform|UniformInt|UniformFullInt|StandardNormal|StandardNormalV2|TruncatedNormal|RandomBinomial)"
    r"|Multinomial|TruncatedNormal|ParameterizedTruncatedNormal|NonDeterministicInts|Rng(Skip|ReadAndSkip)"
    r"|SampleDistortedBoundingBox(V2)?|.*CandidateSampler|Fractional(Avg|Max)Pool|Anonymous(Random)?SeedGenerator": (
        "random_op",
        "draws without a seed input, so that the same request gets another answer",
        "use `tf.random.stateless_*` with a seed that the request brings",
    ),
}
UNKNOWN_OP = "unknown_op"
_FORESTS = (
    UNKNOWN_OP,
    "belongs to TensorFlow Decision Forests, which a stock server has and this process has not, so that the model was "
    "not run",
    "try it on a server of the same release",
)
_UNKNOWN = (
    UNKNOWN_OP,
    "belongs neither to TensorFlow nor to TensorFlow Text, so the server does not know it",
    "write it with ops of these two",
)
_INITIALISER = "__saved_model_init_op"
_COMPILED = ("xla", _NO_XLA, "export the function without `jit_compile=True`")


def forbidden_ops(meta_graph: tf.compat.v1.MetaGraphDef) -> list[Finding]:
    """Lists the ops that a stock TensorFlow Serving would fail on, or that tie an answer to more than its input.

    Args:
        meta_graph: The graph of a SavedModel, see `read_meta_graph`.

    Returns:
        One finding for each op of each function that a signature or the initialiser of the tables reaches. The saver's
        functions, which write variables by trade, are no part of a request and not looked at.

    Example:
        `for finding in forbidden_ops(read_meta_graph(Path("saved_models/translation/1"))): print(finding)`
    """
    library = _library(meta_graph)
    findings = {}
    for endpoint in sorted(meta_graph.signature_def):
        for function, node in _reached(meta_graph, endpoint):
            if reason := _reason(node, library):
                rule, problem, advice = reason
                if rule == _STATE and endpoint == _INITIALISER:  # before the first request
                    continue
                problem += f" ({function}/{node.name})"
                severity = WARNING if reason is _FORESTS else ERROR
                finding = Finding(rule, endpoint, node.op, problem, advice, severity)
                findings.setdefault((endpoint, function, node.op), finding)
    return list(findings.values())


def used_ops(meta_graph: tf.compat.v1.MetaGraphDef) -> set[str]:
    """Names the ops that a server must know to answer requests, and to initialise tables.

    Args:
        meta_graph: The graph of a SavedModel.

    Returns:
        The ops that its signatures reach, nested functions included.
    """
    library = _library(meta_graph)
    reached = (node.op for endpoint in meta_graph.signature_def for _, node in _reached(meta_graph, endpoint))
    return {op for op in reached if op not in library}


def reached_functions(meta_graph: tf.compat.v1.MetaGraphDef, endpoint: str) -> set[str]:
    """Names the functions that a signature calls, also by way of others.

    Args:
        meta_graph: The graph of a SavedModel.
        endpoint: The signature's name.

    Returns:
        Their names in the graph's library.
    """
    return {function for function, _ in _reached(meta_graph, endpoint)}


def _library(meta_graph: Any) -> dict[str, Any]:
    return {function.signature.name: function for function in meta_graph.graph_def.library.function}


def _reached(meta_graph: Any, endpoint: str) -> Iterator[tuple[str, Any]]:
    """The nodes that a signature needs, each with the function it stands in; `graph` is the outermost."""
    nodes = {node.name: node for node in meta_graph.graph_def.node}
    library = _library(meta_graph)
    outputs = [name for tensor in meta_graph.signature_def[endpoint].outputs.values() for name in _tensor_names(tensor)]
    seen = {"graph"}
    pending = [("graph", _ancestors(outputs, nodes))]
    while pending:
        function, body = pending.pop()
        for node in body:
            yield function, node
            for name in _called(node):
                if name in library and name not in seen:
                    seen.add(name)
                    pending.append((name, library[name].node_def))


def _tensor_names(tensor: Any) -> list[str]:
    """The names of the graph's tensors behind a `TensorInfo`: one, or the parts of a ragged or sparse tensor."""
    sparse = tensor.coo_sparse
    names = [tensor.name, sparse.values_tensor_name, sparse.indices_tensor_name, sparse.dense_shape_tensor_name]
    names += [part.name for part in tensor.composite_tensor.components]
    return [name for name in names if name]


def _ancestors(outputs: Iterable[str], nodes: dict[str, Any]) -> list[Any]:
    found = {}
    pending = list(outputs)
    while pending:
        name = pending.pop().removeprefix("^").partition(":")[0]
        if name in nodes and name not in found:
            found[name] = nodes[name]
            pending.extend(nodes[name].input)
    return list(found.values())


def _called(node: Any) -> Iterator[str]:
    yield node.op
    for value in node.attr.values():
        yield value.func.name
        yield from (function.name for function in value.list.func)


def _reason(node: Any, library: dict[str, Any]) -> tuple[str, str, str] | None:
    callees = [library[name] for name in _called(node) if name in library]
    if any(item.attr["_XlaMustCompile"].b for item in (node, *callees)):
        return _COMPILED
    if node.op in library:
        return None
    for pattern, reason in _REFUSED.items():
        if re.fullmatch(pattern, node.op):
            return reason
    if node.op in _KNOWN_OPS:
        return None
    return _FORESTS if node.op.startswith("SimpleML") else _UNKNOWN
