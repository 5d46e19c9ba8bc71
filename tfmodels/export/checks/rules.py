"""The rules of `check`: the level of each, what it finds, and what a real server does about it.

The server is TensorFlow Serving 2.20 on the library of TensorFlow 2.21.
"""

from typing import NamedTuple

_ERROR, _WARNING = "error", "warning"


class Rule(NamedTuple):
    """A rule.

    Attributes:
        level: `error` where a request fails or gets a wrong answer, or the export reaches beyond its folder;
            `warning` where it may.
        finds: What the rule finds.
        server: What TensorFlow Serving does about it.
    """

    level: str
    finds: str
    server: str


# Rule -> what it is. In the order of the check: files, graph, inputs and outputs, ops, then what needs a run.
RULES: dict[str, Rule] = {
    "version": Rule(_ERROR, "a folder whose name is no whole number", "ignores the folder in silence"),
    "link": Rule(
        _ERROR, "a link that leads out of the version", "reads what it leads to, on whatever machine it runs"
    ),
    "file_kind": Rule(_ERROR, "a pipe, a device or a socket", "waits for it, or reads it without end"),
    "missing_file": Rule(
        _ERROR,
        "an asset or a file of variables that the graph needs and the version lacks",
        "loads a version without variables and fails each request that needs one; a missing asset or part of the "
        "variables stops it from loading",
    ),
    "asset_path": Rule(_ERROR, "an asset that lies outside `assets/`", "reads the file that the name leads to"),
    "damaged": Rule(_ERROR, "a `saved_model.pb` that cannot be read", "does not load it, and tries for minutes"),
    "too_large": Rule(
        _ERROR,
        "a graph with more bytes, nodes or signatures than are checked here",
        "reads files up to 2 GiB, with many times that memory",
    ),
    "tags": Rule(
        _ERROR,
        "not exactly one graph whose tags are `serve` and nothing else",
        "loads only a graph with exactly the tag `serve`",
    ),
    "signatures": Rule(_ERROR, "no signature that can be called", "loads the version and has nothing to answer with"),
    "cycle": Rule(_ERROR, "nodes or functions that need themselves", "does not load it, or fails each request"),
    "call_tree": Rule(
        _ERROR,
        "functions that call themselves, a hundred deep, or so often that half a million nodes come of it",
        "was not tried; TensorFlow in Python does not come back from loading it, or ends its process",
    ),
    "dense": Rule(_ERROR, "a ragged or sparse input or output", "fails each request: no such tensor is in its graph"),
    "ragged_input": Rule(
        _WARNING, "inputs that look like the parts of one ragged tensor", "wants the parts, which cannot be batched"
    ),
    "dtype": Rule(
        _ERROR,
        "a type that a request or response cannot carry",
        "answers 501 or 400 over REST; uint16 is not implemented either way, half types and complex numbers not as "
        "answers",
    ),
    "rank": Rule(
        _ERROR, "a scalar input or output", "answers 400 with batching on: a tensor must have at least one dimension"
    ),
    "unknown_shape": Rule(_WARNING, "an input or output of unknown shape", "answers 400 with batching on to a scalar"),
    "batch_axis": Rule(
        _ERROR,
        "no batched input, or answers with other rows than the request",
        "splits a batch along the first axis: 400 where sizes differ",
    ),
    "fixed_batch": Rule(
        _WARNING,
        "a first axis of fixed size",
        "does not compare the shape of a request with it: other sizes are computed, and fail where an op insists",
    ),
    "shape": Rule(_ERROR, "an impossible or huge shape", "does not load the version, or runs out of memory"),
    "open_axis": Rule(
        _WARNING,
        "an open axis after the batch",
        "answers 400 when requests of different sizes meet in a batch, or pads them with their own first value",
    ),
    "default_input": Rule(
        _WARNING, "an input with a default", "takes the default over gRPC only, and does not repeat it for each row"
    ),
    "tensor_name": Rule(_ERROR, "an input or output that the graph lacks", "answers 400: it has no such tensor"),
    "two_inputs": Rule(_ERROR, "two inputs on one tensor", "fails each request: a tensor is fed once"),
    "two_outputs": Rule(
        _ERROR, "two outputs on one tensor", "with batching on, answers with status 200 and garbage in both"
    ),
    "output_is_input": Rule(_ERROR, "an output that is an input", "fails each request: what is fed cannot be fetched"),
    "unknown_op": Rule(
        _ERROR,
        "an op of neither TensorFlow nor TensorFlow Text",
        "does not load the version, or answers 404 to its first request: the op is not registered",
    ),
    "decision_forests": Rule(
        _WARNING, "ops of TensorFlow Decision Forests, which this process lacks", "runs them, if its release fits"
    ),
    "python_function": Rule(_ERROR, "a call back into Python", "loads the version and answers 400 to each request"),
    "xla": Rule(_ERROR, "what needs the XLA compiler", "loads the version and answers 500: XLA is disabled"),
    "gpu_only": Rule(_ERROR, "an op for GPUs only", "fails each request on a CPU"),
    "random_op": Rule(_ERROR, "a random op without a seed input", "answers the same request differently each time"),
    "state": Rule(
        _ERROR, "an op that changes the model's state", "lets a request change the answers to all later ones"
    ),
    "clock": Rule(_ERROR, "an op that reads the clock", "answers the same request differently each time"),
    "file_access": Rule(
        _ERROR,
        "an op that reads or writes files, apart from the variables and assets of the version",
        "reads and writes them with its own rights, when it loads the version or at each request",
    ),
    "hidden_graph": Rule(
        _ERROR,
        "an op that runs a graph held in a tensor, or a gradient that no node names",
        "runs whatever it is with its own rights: a request may bring it",
    ),
    "abort": Rule(_ERROR, "an op that ends the process", "ends, and with it all its other models"),
    "network": Rule(
        _ERROR, "an op that talks to other machines or processes", "opens the connection, and waits for it"
    ),
    "queue": Rule(
        _ERROR,
        "a queue, barrier or other place that requests share",
        "mixes clients: of 2,400 requests to a model with a queue, 46 got the row of another client",
    ),
    "numeric_check": Rule(
        _ERROR, "`CheckNumerics` on content", "answers 400 to all requests of a batch in which one row is not finite"
    ),
    "assertion": Rule(
        _WARNING,
        "an assertion on content",
        "answers 400 to all requests of a batch if one row fails, and quotes that row to all of them",
    ),
    "row_count": Rule(
        _ERROR,
        "an output whose number of rows depends on content",
        "answers 400 with batching on, and otherwise with other rows than were asked",
    ),
    "not_run": Rule(_WARNING, "that the endpoints were not run, because of the errors above", ""),
    "load": Rule(_ERROR, "a SavedModel that does not load", "does not serve it; it tries five times, a minute apart"),
    "run": Rule(
        _ERROR,
        "a crash, an end of memory or of time while endpoints run",
        "crashes or hangs with it, and with it all its other models",
    ),
    "warmup": Rule(
        _ERROR,
        "warm-up requests that cannot be read or fail",
        "does not serve a version with a failing warm-up request, or with one larger than its `max_batch_size`",
    ),
    "warmup_missing": Rule(
        _WARNING, "an endpoint without a warm-up request", "finds faults, and optimises the graph, at the first request"
    ),
    "table": Rule(_ERROR, "a lookup table that is not initialised", "loads the version and fails each request"),
    "content": Rule(_ERROR, "a row that fails", "fails all requests of the batch, and quotes the row to all of them"),
    "empty_batch": Rule(
        _ERROR, "a failure without rows", "fails a request without rows; with batching on, it hangs until another comes"
    ),
    "co_batching": Rule(_ERROR, "a row whose answer depends on other rows", "answers by who else asks at that moment"),
    "not_compared": Rule(_WARNING, "no two rows that fit into one batch", "batches whatever requests come"),
    "utf8": Rule(_ERROR, "text that is not UTF-8", "answers with status 200 and invalid JSON"),
    "bytes_alias": Rule(_WARNING, "text whose name ends in `_bytes`", "encodes it in base64"),
    "finite": Rule(_ERROR, "NaN or infinity", "writes `NaN` and `Infinity`, which JSON does not have"),
}  # fmt: skip


def table() -> str:
    """The rules as a table in Markdown."""
    lines = ["| rule | level | finds | the server |", "| --- | --- | --- | --- |"]
    lines += [f"| `{name}` | {rule.level} | {rule.finds} | {rule.server} |" for name, rule in RULES.items()]
    return "\n".join(lines)
