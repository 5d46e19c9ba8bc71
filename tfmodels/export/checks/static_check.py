"""The part of a check that reads a SavedModel as data: nothing in it is loaded or run, and TensorFlow is not needed."""

import contextlib
import resource
import threading
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

from tfmodels.export.checks.aliases import alias_findings
from tfmodels.export.checks.call_trees import call_tree_finding
from tfmodels.export.checks.dtypes_and_shapes import signature_findings
from tfmodels.export.checks.finding import Finding
from tfmodels.export.checks.forbidden_ops import forbidden_ops
from tfmodels.export.checks.row_counts import check_findings, row_count_findings
from tfmodels.export.checks.version_files import content_findings, entry_findings
from tfmodels.export.graph.declared_signatures import endpoint_definitions
from tfmodels.export.graph.meta_graph import SERVE, read_meta_graphs
from tfmodels.export.graph.reached_ops import ReachedOps, node_name
from tfmodels.export.versions import is_version

_MOST_NODES = 1_000_000  # of all graphs and functions; a translator with six endpoints has some 10,000
_MOST_VISITS = 20_000_000  # nodes times signatures
_MOST_MEMORY = 2**32  # bytes: a few bytes of a file may stand for a hundred in memory
_LIMITING = threading.Lock()  # the limit is one of the whole process, and is put back as it was
_RETURN_ARCS = ("NextIteration", "RefNextIteration")  # what loops of TensorFlow 1 return by


def static_findings(version: Path) -> list[Finding]:
    """Judges a SavedModel by its files alone.

    Args:
        version: The version folder, with a `saved_model.pb`.

    Returns:
        The findings; a damaged file is one of them.

    Example:
        `static_findings(Path("saved_models/translation/1"))`
    """
    findings = list(_version_findings(version))
    try:
        findings += entry_findings(version)
        with _memory_limit():
            findings += _graph_findings(version)
    except MemoryError:
        findings.append(_too_large(f"takes more than {_MOST_MEMORY} bytes of memory"))
    except OSError as error:
        problem = f"cannot be read: {type(error).__name__}: {error}"
        findings.append(Finding("damaged", "", "version", problem, "copy it again, with the rights to read it"))
    except ValueError as error:
        findings.append(Finding("damaged", "", "file 'saved_model.pb'", f"cannot be read. {error}", "export it again"))
    return findings


def _graph_findings(version: Path) -> Iterator[Finding]:
    graphs = read_meta_graphs(version)
    if large := size_finding(graphs):
        yield large
        return
    served = [graph for graph in graphs if set(graph.meta_info_def.tags) == {SERVE}]
    if len(served) != 1:
        tags = [sorted(graph.meta_info_def.tags) for graph in graphs]
        problem = f"must have one graph tagged {SERVE!r} and nothing else. Received: tags={tags[:8]}"
        yield Finding("tags", "", "file 'saved_model.pb'", problem, f"export it with the tag {SERVE!r}")
    for graph in graphs:  # all of them, since a server may be told other tags
        yield from meta_graph_findings(version, graph)


def size_finding(graphs: Sequence[Any]) -> Finding | None:
    """Finds graphs of more nodes and signatures than can be judged within some seconds.

    Args:
        graphs: All graphs of a SavedModel.

    Returns:
        The finding; None if they are small enough.
    """
    nodes = sum(len(nodes) for graph in graphs for nodes in _node_lists(graph))
    if nodes <= _MOST_NODES and nodes * sum(len(graph.signature_def) for graph in graphs) <= _MOST_VISITS:
        return None
    return _too_large(f"has {nodes} nodes, more than are checked here for so many signatures")


def meta_graph_findings(version: Path, meta_graph: Any) -> Iterator[Finding]:
    """Judges one graph of a SavedModel.

    Args:
        version: The version folder.
        meta_graph: The graph.

    Yields:
        The findings.
    """
    reached = ReachedOps(meta_graph)
    if not endpoint_definitions(meta_graph):
        yield Finding("signatures", "", "file 'saved_model.pb'", "has no signature to call", "export it with one")
    if loops := _cycles(reached):
        problem = f"need themselves: {', '.join(loops[:5])}"
        yield Finding("cycle", "", "nodes or functions", problem, "export it again")
    if deep := call_tree_finding(reached):
        yield deep
    yield from content_findings(version, reached)
    yield from alias_findings(reached)
    yield from signature_findings(meta_graph)
    yield from forbidden_ops(reached)
    yield from row_count_findings(reached)
    yield from check_findings(reached)


def _version_findings(version: Path) -> Iterator[Finding]:
    name = version.resolve().name
    if not is_version(name):
        problem = "is not a whole number, so the server ignores it"
        yield Finding("version", "", f"folder {name!r}", problem, "rename it to 1, or to the next free number")


def _too_large(problem: str) -> Finding:
    advice = "keep weights in variables, not in constants, and export fewer endpoints together"
    return Finding("too_large", "", "file 'saved_model.pb'", problem, advice)


def _node_lists(graph: Any) -> Iterator[Any]:
    yield graph.graph_def.node
    for function in graph.graph_def.library.function:
        yield function.node_def


def _cycles(reached: ReachedOps) -> list[str]:
    """The names of nodes or functions that need themselves; at most those that are left over in one graph."""
    needs = [
        {name: {callee for callees in calls.values() for callee in callees} for name, calls in reached.calls.items()}
    ]
    for nodes in reached.nodes.values():
        needs.append({
            name: {before for one in node.input if (before := node_name(one)) in nodes}
            for name, node in nodes.items()
            if node.op not in _RETURN_ARCS
        })  # fmt: skip
    return next((left for one in needs if (left := _left_over(one))), [])


def _left_over(needs: dict[str, set[str]]) -> list[str]:
    """What cannot be put in an order in which each comes after what it needs (Kahn, 1962)."""
    waiting = {name: len(others & needs.keys()) for name, others in needs.items()}
    needed_by: dict[str, list[str]] = {}
    for name, others in needs.items():
        for other in others:
            needed_by.setdefault(other, []).append(name)
    ready = [name for name, count in waiting.items() if not count]
    done = 0
    while ready:
        done += 1
        for name in needed_by.get(ready.pop(), ()):
            waiting[name] -= 1
            if not waiting[name]:
                ready.append(name)
    return [] if done == len(needs) else [name for name, count in waiting.items() if count]


@contextlib.contextmanager
def _memory_limit() -> Generator[None]:
    """Lets the block take so much memory more, and no more, where the system tells how much is in use."""
    statistics = Path("/proc/self/statm")
    if not statistics.exists():  # not Linux
        yield
        return
    with _LIMITING:
        used = int(statistics.read_text().split()[0]) * resource.getpagesize()
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        limits = [used + _MOST_MEMORY, *(limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY)]
        resource.setrlimit(resource.RLIMIT_AS, (min(limits), hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
