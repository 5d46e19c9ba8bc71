"""Refusing a SavedModel that would reach beyond its folder or end the process, before anything of it is loaded."""

from collections.abc import Iterator
from pathlib import Path

from tfmodels.export.checks.call_trees import call_tree_finding
from tfmodels.export.checks.finding import Finding
from tfmodels.export.checks.forbidden_ops import forbidden_ops, may_reach_out
from tfmodels.export.checks.op_rules import UNSAFE_OPS
from tfmodels.export.checks.static_check import size_finding
from tfmodels.export.checks.version_files import content_findings, entry_findings
from tfmodels.export.graph.meta_graph import read_meta_graphs
from tfmodels.export.graph.reached_ops import ReachedOps

# What harms more than the answers.
UNSAFE = UNSAFE_OPS | {"link", "file_kind", "asset_path", "too_large", "call_tree"}


def check_safe(version: Path) -> None:
    """Refuses a SavedModel that is not safe to load and to call, by its files alone.

    Args:
        version: The version folder.

    Raises:
        FileNotFoundError: If there is no SavedModel.
        ValueError: If it is damaged, or its files or ops reach beyond it.

    Example:
        `check_safe(Path("saved_models/translation/1"))`
    """
    finding = next((finding for finding in _findings(version) if finding.rule in UNSAFE), None)
    if finding:
        raise ValueError(
            "Expected a SavedModel that keeps to its own files and leaves this process alone; ask who made it, "
            f"`tfmodels check {version}` lists all findings. Received: {finding}"
        )


def _findings(version: Path) -> Iterator[Finding]:
    yield from entry_findings(version)
    graphs = read_meta_graphs(version)
    if large := size_finding(graphs):
        yield large
        return
    for graph in graphs:
        reached = ReachedOps(graph)
        if deep := call_tree_finding(reached):
            yield deep
        yield from content_findings(version, reached)
        yield from forbidden_ops(reached, may_reach_out)
