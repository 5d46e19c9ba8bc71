"""The ops that break a rule, by name: some of them run in this process and fail only on the server."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

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


@cache
def core_ops() -> frozenset[str]:
    """The ops of TensorFlow 2.21, from the list beside this module."""
    return frozenset(_core_ops())


@cache
def stateful_ops() -> frozenset[str]:
    """Those of them that TensorFlow declares stateful: they keep, change or read what outlasts a run."""
    return frozenset(op for op, flags in _core_ops().items() if flags)


@cache
def _core_ops() -> dict[str, list[str]]:
    lines = (Path(__file__).parent / "core_ops.txt").read_text(encoding="utf-8").splitlines()
    return {op: flags for op, *flags in map(str.split, lines)}


class OpRule(NamedTuple):
    """What to say about the ops of a pattern.

    Attributes:
        rule: The name of the rule.
        problem: What is wrong with the op.
        advice: What to do.
    """

    rule: str
    problem: str
    advice: str


FILE_ACCESS = OpRule(
    "file_access",
    "reads or writes files",
    "pack what it needs into the SavedModel as variables, tables or assets",
)
HIDDEN_GRAPH = OpRule(
    "hidden_graph",
    "runs a graph that no node or function names, so nobody can tell what it reads, writes or answers",
    "put the computation into the graph itself; compute gradients with `tf.GradientTape` while you export",
)
STATE = "state"
_NO_XLA = "needs the XLA compiler, which TensorFlow Serving does not run"
COMPILED = OpRule("xla", _NO_XLA, "export the function without `jit_compile=True`")
UNKNOWN = OpRule(
    "unknown_op",
    "belongs neither to TensorFlow nor to TensorFlow Text, so the server does not know it",
    "use ops of these two libraries only",
)
FORESTS = OpRule(
    "decision_forests",
    "belongs to TensorFlow Decision Forests, which a stock server has but this process does not, so the model was "
    "not run",
    "try it on a server of the same release",
)

# Pattern of the names of ops that TensorFlow has -> what to say.
REFUSED = {
    r".*Xla.*": OpRule(
        "xla", _NO_XLA, "replace `keras.ops.slice_update` by `tf.tensor_scatter_nd_update`, and avoid other XLA ops"
    ),
    r"PyFunc|PyFuncStateless|EagerPyFunc": OpRule(
        "python_function",
        "calls back into this Python process",
        "use TensorFlow ops instead of `tf.py_function` or `tf.numpy_function`",
    ),
    r"CudnnRNN.*": OpRule("gpu_only", "runs on GPUs only", "export recurrent layers with `use_cudnn=False`"),
    r"ReadFile|WriteFile|MatchingFiles|.*Reader(V2)?|Reader(Read|Restore|Serialize|Num|Reset).*"
    r"|(Experimental)?(TFRecord|TextLine|FixedLengthRecord|CSV|Sql|LMDB|Cache|Save|Load|MatchingFiles)Dataset(V\d)?"
    r"|DistributedSave|.*Snapshot(Chunk|Chunks|Nested)?Dataset.*|.*DatasetToTFRecord"
    r"|ImmutableConst|GenerateVocabRemapping|LoadAndRemapMatrix|RecordInput"
    r"|.*SummaryWriter|.*Summary(File|Db)(Writer)?|Write.*Summary|ImportEvent|MergeV2Checkpoints|DeleteOldDirs"
    r"|(Save|Restore)(Slice|Slices|V2)?|ShardedFilename|ShardedFilespec": FILE_ACCESS,
    r"(FIFO|PaddingFIFO|Priority|RandomShuffle|Fake)Queue(V2)?|Queue.*|Barrier.*"
    r"|(Stage|Unstage)(Peek|Size|Clear)?|(Ordered)?Map(Stage|Unstage|Peek|Size|Clear|IncompleteSize|UnstageNoKey)"
    r"|OrderedMap.*|MapUnstageNoKey|(Resource|Sparse)?(Conditional)?Accumulator(Apply|Take|Num|Set).*"
    r"|(Resource|Sparse)?ConditionalAccumulator|SparseAccumulator.*|Mutex.*|ConsumeMutexLock"
    r"|Iterator(V2|GetNext.*|FromStringHandle.*)?|OneShotIterator|MultiDeviceIterator.*|MakeIterator"
    r"|(Batch|Unbatch|UnbatchGrad|BatchFunction)|TensorMap.*Stage": OpRule(
        "queue",
        "is shared by all requests, so clients may get each other's rows",
        "compute each answer from the inputs of its request alone",
    ),
    r"DatasetFromGraph|DeserializeIterator|SymbolicGradient": HIDDEN_GRAPH,
    r"Abort": OpRule(
        "abort",
        "ends the process, and with it all other models",
        "use `tf.debugging.assert_...`, or answer with a code",
    ),
    r"Timestamp": OpRule("clock", "reads the clock", "take the time as an input"),
    r"RemoteCall|RemoteFusedGraphExecute|Rpc.*|TryRpc|DataService.*|.*DataServiceDataset.*|_?(Host)?(Send|Recv)"
    r"|Collective.*|Nccl.*|Configure.*TPU.*|TPU.*|.*TPUEmbedding.*|BigQueryReader|DebugGradient.*|RegisterDataset.*"
    r"|ShutdownDistributedTPU|FileSystemSetConfiguration": OpRule(
        "network", "talks to other machines or processes", "compute everything inside the graph"
    ),
    r"Assign.*"
    r"|(Resource)?(Sparse)?Apply.*"
    r"|(Resource)?Scatter(Nd)?(Add|Sub|Mul|Div|Min|Max|Update)"
    r"|(Resource)?StridedSliceAssign"
    r"|(Resource)?CountUpTo"
    r"|ResourceAccumulator.*"
    r"|Inplace(Add|Sub|Update)|InitializeTable(FromTextFile)?"
    r"|LookupTable(Insert|Remove|Import).*": OpRule(
        STATE,
        "changes the model's state, so a response depends on earlier requests",
        "keep the state in the inputs and outputs; use `keras.layers.Dropout`, not the `dropout` of a recurrent layer",
    ),
    r"Random(Uniform|UniformInt|StandardNormal|Gamma|Poisson|PoissonV2|Shuffle|Crop)"
    r"|.*(Random|Shuffle|Sampling).*(Dataset|Queue)(V\d)?"
    r"|Stateful(Uniform|UniformInt|UniformFullInt|StandardNormal|StandardNormalV2|TruncatedNormal|RandomBinomial)"
    r"|Multinomial|TruncatedNormal|ParameterizedTruncatedNormal|NonDeterministicInts|Rng(Skip|ReadAndSkip)"
    r"|SampleDistortedBoundingBox(V2)?|.*CandidateSampler|Fractional(Avg|Max)Pool"
    r"|Anonymous(Random)?SeedGenerator": OpRule(
        "random_op",
        "draws without a seed input, so the same request gets a different response each time",
        "use `tf.random.stateless_*` with a seed from the request",
    ),
}

# The rules whose ops harm more than the answers: other files, other machines, this process.
UNSAFE_OPS = frozenset(("file_access", "hidden_graph", "network", "python_function", "abort"))

# Stateful ops that only read what is there, or keep something for the run alone. All others change state.
_HARMLESS = re.compile(
    r"Anonymous(Mutable)?(Dense)?HashTable(OfTensors)?|(Mutable)?(Dense)?HashTable(OfTensors)?(V2)?"
    r"|LookupTable(Find|Size|Export)(V2)?|VarHandleOp|Variable(V2)?|VariableShape|VarIsInitializedOp|ReadVariableOp"
    r"|ResourceGather(Nd)?|DisableCopyOnRead|GuaranteeConst|DeepCopy|DeviceIndex|SyncDevice|StatelessRandomGetAlg"
    r"|If|Case|While|StatefulPartitionedCall|Assert|CheckNumerics(V2)?|Print(V2)?|Debug.*"
    r"|TensorArray.*|Stack(V2)?|Stack(Push|Pop|Close)(V2)?|Dummy(MemoryCache|SeedGenerator|IterationCounter)"
    r"|(Experimental)?GroupByReducerDataset|(Range|Tensor|TensorSlice|SparseTensorSlice|List|Generator)Dataset"
    r"|ReduceDataset|DatasetToSingleElement"
    r"|BoostedTrees(Ensemble|QuantileStream)ResourceHandleOp|IsBoostedTrees\w+Initialized"
    r"|BoostedTrees(Predict|ExampleDebugOutputs|GetEnsembleStates|SerializeEnsemble|TrainingPredict)"
    r"|BoostedTreesQuantileStreamResourceGetBucketBoundaries"
    r"|DecodeProtoV2|EncodeProto"
)
_OUTLASTS = OpRule(
    STATE,
    "makes, changes or deletes what outlasts the request",
    "keep the state in the inputs and outputs, and set tables up in the initialiser",
)

# What the saver of a SavedModel uses: it restores variables from, and is able to save them to, files that it is told.
SAVER_OPS = r"(Save|Restore)(Slices|V2)?|MergeV2Checkpoints|ShardedFilename|ShardedFilespec|DeleteOldDirs"
# Pattern of ops that may open files or connections -> attribute -> pattern of its values that open none.
OPENING = {
    r"PrintV2": ("output_stream", rb"stderr|stdout|log\(.*\)|"),
    r"DecodeProtoV2|EncodeProto": ("descriptor_source", rb"(local://)?|bytes://(.|\n)*"),
    r"Debug.*": ("debug_urls", rb""),
}


@cache
def refused(op: str) -> OpRule | None:
    """What to say about an op by its name alone.

    Args:
        op: The name.

    Returns:
        The rule that it breaks; None if it breaks none, or TensorFlow does not have it.

    Example:
        `refused("WriteFile")`
    """
    if named := next((rule for pattern, rule in REFUSED.items() if re.fullmatch(pattern, op)), None):
        return named
    return _OUTLASTS if op in stateful_ops() and not _HARMLESS.fullmatch(op) else None
