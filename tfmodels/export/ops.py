"""Which ops of a SavedModel a stock TensorFlow Serving would fail on.

Judged by name: some of them run in this process and fail on the server only.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf

from tfmodels.export.meta_graph import read_meta_graph
from tfmodels.export.versions import version_folder

# The ops that TensorFlow Text 2.21 registers for the libraries of its `ops_lib`, which the stock server links in.
_TEXT_OPS = (
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
_KNOWN_OPS = frozenset(_CORE_OPS + _TEXT_OPS)

_NO_XLA = "needs the XLA compiler, which TensorFlow Serving does not run"

# Names that are refused though TensorFlow knows them -> why, and what to do.
_REFUSED = {
    r".*Xla.*": (
        _NO_XLA,
        "leave out `keras.ops.slice_update` (`tf.tensor_scatter_nd_update` does the same) and other XLA ops",
    ),
    r"PyFunc|PyFuncStateless|EagerPyFunc": (
        "calls back into this Python process",
        "write it with TensorFlow ops instead of `tf.py_function` or `tf.numpy_function`",
    ),
    r"CudnnRNN.*": ("runs on GPUs only", "export recurrent layers with `use_cudnn=False`"),
    r"Assign.*"
    r"|(Resource)?(Sparse)?Apply.*"
    r"|(Resource)?Scatter(Nd)?(Add|Sub|Mul|Div|Min|Max|Update)"
    r"|(Resource)?StridedSliceAssign"
    r"|(Resource)?CountUpTo"
    r"|ResourceAccumulator.*"
    r"|LookupTable(Insert|Remove).*": (
        "changes the model's state, so that an answer depends on earlier requests",
        "keep the state in the inputs and outputs; use `keras.layers.Dropout`, not the `dropout` of a recurrent layer",
    ),
    r"Random(Uniform|UniformInt|StandardNormal|Gamma|Poisson|PoissonV2|Shuffle|Crop)"
    r"|.*(Random|Shuffle|Sampling).*(Dataset|Queue)(V\d)?"
    r"|Stateful(Uniform|UniformInt|UniformFullInt|StandardNormal|StandardNormalV2|TruncatedNormal|RandomBinomial)"
    r"|Multinomial|TruncatedNormal|ParameterizedTruncatedNormal|NonDeterministicInts|Rng(Skip|ReadAndSkip)"
    r"|SampleDistortedBoundingBox(V2)?|.*CandidateSampler|Fractional(Avg|Max)Pool|Anonymous(Random)?SeedGenerator": (
        "draws without a seed input, so that the same request gets another answer",
        "use `tf.random.stateless_*` with a seed that the request brings",
    ),
}
_UNKNOWN = (
    "belongs neither to TensorFlow nor to TensorFlow Text, so the server does not know it",
    "write it with ops of these two",
)
_COMPILED = (_NO_XLA, "export the function without `jit_compile=True`")


@dataclass(frozen=True)
class Finding:
    """An op that keeps an endpoint from being served.

    Args:
        endpoint: The signature that reaches it.
        function: The function of the graph that holds it, `graph` for the outermost.
        node: The node's name in that function.
        op: The op's name.
        why: What is wrong with it.
        advice: What to do.
    """

    endpoint: str
    function: str
    node: str
    op: str
    why: str
    advice: str

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.op} {self.why}; {self.advice} ({self.function}/{self.node})"


def forbidden_ops(path: str | Path) -> list[Finding]:
    """Lists the ops that a stock TensorFlow Serving would fail on, or that tie an answer to more than its input.

    Args:
        path: A version folder, or a folder of versions: then the newest is taken.

    Returns:
        One finding for each op of each function that a signature or the initialiser of the tables reaches. The saver's
        functions, which write variables by trade, are no part of a request and not looked at.

    Raises:
        FileNotFoundError: If there is no SavedModel.

    Example:
        `for finding in forbidden_ops("saved_models/translation/1"): print(finding)`
    """
    meta_graph = read_meta_graph(version_folder(path))
    nodes = {node.name: node for node in meta_graph.graph_def.node}
    library = {function.signature.name: function for function in meta_graph.graph_def.library.function}
    findings = {}
    for endpoint, signature in sorted(meta_graph.signature_def.items()):
        outputs = [tensor.name for tensor in signature.outputs.values()]
        for function, node in _reached(_ancestors(outputs, nodes), library):
            if reason := _reason(node, library):
                finding = Finding(endpoint, function, node.name, node.op, *reason)
                findings.setdefault((endpoint, function, node.op), finding)
    return list(findings.values())


def _ancestors(outputs: Iterable[str], nodes: dict[str, Any]) -> list[Any]:
    found = {}
    pending = list(outputs)
    while pending:
        name = pending.pop().removeprefix("^").partition(":")[0]
        if name in nodes and name not in found:
            found[name] = nodes[name]
            pending.extend(nodes[name].input)
    return list(found.values())


def _reached(nodes: Iterable[Any], library: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    seen = {"graph"}
    pending = [("graph", nodes)]
    while pending:
        function, nodes = pending.pop()
        for node in nodes:
            yield function, node
            for name in _called(node):
                if name in library and name not in seen:
                    seen.add(name)
                    pending.append((name, library[name].node_def))


def _called(node: Any) -> Iterator[str]:
    yield node.op
    for value in node.attr.values():
        yield value.func.name
        yield from (function.name for function in value.list.func)


def _reason(node: Any, library: dict[str, Any]) -> tuple[str, str] | None:
    callees = [library[name] for name in _called(node) if name in library]
    if any(item.attr["_XlaMustCompile"].b for item in (node, *callees)):
        return _COMPILED
    if node.op in library:
        return None
    for pattern, reason in _REFUSED.items():
        if re.fullmatch(pattern, node.op):
            return reason
    return None if node.op in _KNOWN_OPS else _UNKNOWN
