"""The ops of a SavedModel that fail on a stock TensorFlow Serving.

Ops are judged by name: some of them run in this process and fail only on the server.
"""

import re
from typing import Any

import tensorflow as tf

from tfmodels.export.checks.finding import ERROR, WARNING, Finding
from tfmodels.export.graph.reached_ops import called_functions, library_functions, reached_nodes

# The ops of TensorFlow Text 2.21, whose libraries (`ops_lib`) the stock server links.
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
# Pattern of the names of ops that TensorFlow has but that are refused -> rule, problem, advice.
_REFUSED = {
    r".*Xla.*": (
        "xla",
        _NO_XLA,
        "replace `keras.ops.slice_update` by `tf.tensor_scatter_nd_update`, and avoid other XLA ops",
    ),
    r"PyFunc|PyFuncStateless|EagerPyFunc": (
        "python_function",
        "calls back into this Python process",
        "use TensorFlow ops instead of `tf.py_function` or `tf.numpy_function`",
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
        "changes the model's state, so a response depends on earlier requests",
        "keep the state in the inputs and outputs; use `keras.layers.Dropout`, not the `dropout` of a recurrent layer",
    ),
    r"Random(Uniform|UniformInt|StandardNormal|Gamma|Poisson|PoissonV2|Shuffle|Crop)"
    r"|.*(Random|Shuffle|Sampling).*(Dataset|Queue)(V\d)?"
    r"|Stateful(Uniform|UniformInt|UniformFullInt|StandardNormal|StandardNormalV2|TruncatedNormal|RandomBinomial)"
    r"|Multinomial|TruncatedNormal|ParameterizedTruncatedNormal|NonDeterministicInts|Rng(Skip|ReadAndSkip)"
    r"|SampleDistortedBoundingBox(V2)?|.*CandidateSampler|Fractional(Avg|Max)Pool|Anonymous(Random)?SeedGenerator": (
        "random_op",
        "draws without a seed input, so the same request gets a different response each time",
        "use `tf.random.stateless_*` with a seed from the request",
    ),
}
UNKNOWN_OP = "unknown_op"
_FORESTS = (
    UNKNOWN_OP,
    "belongs to TensorFlow Decision Forests, which a stock server has but this process does not, so the model was "
    "not run",
    "try it on a server of the same release",
)
_UNKNOWN = (
    UNKNOWN_OP,
    "belongs neither to TensorFlow nor to TensorFlow Text, so the server does not know it",
    "use ops of these two libraries only",
)
_INITIALISER = "__saved_model_init_op"
_COMPILED = ("xla", _NO_XLA, "export the function without `jit_compile=True`")


def forbidden_ops(meta_graph: tf.compat.v1.MetaGraphDef) -> list[Finding]:
    """Lists the ops that fail on a stock TensorFlow Serving, or whose results depend on more than the request.

    Args:
        meta_graph: The graph of a SavedModel, see `read_meta_graph`.

    Returns:
        One finding per op and function that a signature or the initialiser of the tables reaches. The functions of
        the saver, which assign variables, are not part of a request and not checked.

    Example:
        `for finding in forbidden_ops(read_meta_graph(Path("saved_models/translation/1"))): print(finding)`
    """
    library = library_functions(meta_graph)
    findings = {}
    for endpoint in sorted(meta_graph.signature_def):
        for function, node in reached_nodes(meta_graph, endpoint):
            if reason := _reason(node, library):
                rule, problem, advice = reason
                if rule == _STATE and endpoint == _INITIALISER:  # it runs before the first request
                    continue
                problem += f" ({function}/{node.name})"
                severity = WARNING if reason is _FORESTS else ERROR
                finding = Finding(rule, endpoint, node.op, problem, advice, severity)
                findings.setdefault((endpoint, function, node.op), finding)
    return list(findings.values())


def _reason(node: Any, library: dict[str, Any]) -> tuple[str, str, str] | None:
    callees = [library[name] for name in called_functions(node) if name in library]
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
