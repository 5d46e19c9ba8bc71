"""Graphs that are small in the file and have no end in memory: functions that call others, each several times.

TensorFlow in Python infers the shapes in every call when it loads a graph, and holds the interpreter meanwhile. Forty
functions of which each calls the one before twice are 2^40 calls; ten thousand that call the next end the process.
"""

from tfmodels.export.checks.finding import Finding
from tfmodels.export.graph.reached_ops import GRAPH, ReachedOps

_MOST_NODES = 500_000  # with those of each call; a translator of two layers with six endpoints has 16,329
_MOST_LEVELS = 100  # of calls in calls, whose time grows with the square; the same translator has nine
_ENDLESS = (_MOST_NODES + 1, 0)  # of what calls itself


def call_tree_finding(reached: ReachedOps) -> Finding | None:
    """Finds calls that take too long to go through, or are too many to be put in place.

    Args:
        reached: The graph of a SavedModel.

    Returns:
        The finding, also of functions that call themselves; None if there are few enough.

    Example:
        `call_tree_finding(ReachedOps(read_meta_graph(version)))`
    """
    nodes, levels = _unrolled(reached)
    if nodes <= _MOST_NODES and levels <= _MOST_LEVELS:
        return None
    problem = f"unroll to more than {_MOST_NODES} nodes" if nodes > _MOST_NODES else f"are {levels} levels deep"
    return Finding("call_tree", "", "calls of functions", problem, "compute what is called often once, or in a loop")


def _unrolled(reached: ReachedOps) -> tuple[int, int]:
    """The number of nodes with those of each call, and of levels; each function is counted once its callees are."""
    counted: dict[str, tuple[int, int]] = {}
    pending = [GRAPH]
    started = set()
    while pending:
        function = pending[-1]
        callees = [callee for called in reached.calls[function].values() for callee in called]
        if function not in started:
            started.add(function)
            pending += {callee for callee in callees if callee not in started}
            continue
        pending.pop()
        if function in counted:
            continue
        below = [counted.get(callee, _ENDLESS) for callee in callees]
        nodes = len(reached.nodes[function]) + sum(nodes for nodes, _ in below)
        counted[function] = min(nodes, _MOST_NODES + 1), 1 + max((levels for _, levels in below), default=0)
    return counted[GRAPH]
