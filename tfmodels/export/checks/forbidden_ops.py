"""The ops of a SavedModel that fail on a stock TensorFlow Serving, or reach beyond the request."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from tfmodels.export.checks.file_names import OF_ASSETS, FileNames
from tfmodels.export.checks.finding import Finding
from tfmodels.export.checks.op_rules import (
    COMPILED,
    FILE_ACCESS,
    FORESTS,
    HIDDEN_GRAPH,
    OPENING,
    SAVER_OPS,
    STATE,
    TEXT_OPS,
    UNKNOWN,
    UNSAFE_OPS,
    OpRule,
    core_ops,
    refused,
)  # fmt: skip
from tfmodels.export.graph.declared_signatures import INITIALISER, endpoint_definitions
from tfmodels.export.graph.reached_ops import RESTORE, ReachedOps


def forbidden_ops(reached: ReachedOps, concerns: Callable[[str], bool] = lambda op: True) -> list[Finding]:
    """Lists the ops that fail on a stock TensorFlow Serving, or whose results depend on more than the request.

    Args:
        reached: The graph of a SavedModel.
        concerns: Which ops to judge, by name; all by default.

    Returns:
        One finding per op and function that a signature, the initialiser of the tables or the restoring of variables
        reaches. Ops that read or write files, or run graphs that are held in tensors, are found wherever they are,
        since a graph may be computed in part while it is loaded.

    Example:
        `for finding in forbidden_ops(ReachedOps(read_meta_graph(version))): print(finding)`
    """
    names = FileNames(reached)
    findings: dict[tuple, Finding] = {}
    seen = set()
    for root in reached.roots:
        for function, node in reached.nodes_of(root):
            seen.add((function, node.name))
            if concerns(node.op) and (rule := _broken_rule(reached, names, root, function, node)):
                findings.setdefault((root, function, node.op), _finding(rule, root, function, node))
    for function, nodes in reached.nodes.items():
        for name, node in nodes.items():
            if (function, name) in seen or not concerns(node.op) or re.fullmatch(SAVER_OPS, node.op):
                continue
            rule = FILE_ACCESS if _opens_file(names, function, node) else refused(node.op)
            if rule is FILE_ACCESS or rule is HIDDEN_GRAPH:
                findings.setdefault(("", function, node.op), _finding(rule, "", function, node))
    return list(findings.values())


@cache
def may_reach_out(op: str) -> bool:
    """Whether an op may touch files, other machines or this process, by its name; most graphs have few of them.

    Args:
        op: The name.

    Returns:
        Whether it may break a rule of `UNSAFE_OPS`, perhaps depending on its attributes and inputs.

    Example:
        `may_reach_out("RestoreV2")`
    """
    rule = refused(op)
    return bool(rule and rule.rule in UNSAFE_OPS) or bool(_opening(op)) or op in OF_ASSETS


def _finding(rule: OpRule, root: str, function: str, node: Any) -> Finding:
    return Finding(rule.rule, root, node.op, f"{rule.problem} ({function}/{node.name})", rule.advice)


def _broken_rule(reached: ReachedOps, names: FileNames, root: str, function: str, node: Any) -> OpRule | None:
    callees = [reached.functions[name] for name in reached.calls[function].get(node.name, ())]
    if any("_XlaMustCompile" in item.attr and item.attr["_XlaMustCompile"].b for item in (node, *callees)):
        return COMPILED
    if node.op in reached.functions:
        return None
    if root == RESTORE and re.fullmatch(SAVER_OPS, node.op):
        return None if names.reads_variables(function, node) else FILE_ACCESS
    if _opens_file(names, function, node):
        return FILE_ACCESS
    rule = refused(node.op)
    if rule:
        # Before the first request nobody's answer depends on it.
        before = root == RESTORE or (root == INITIALISER and root not in endpoint_definitions(reached.meta_graph))
        return None if rule.rule == STATE and before else rule
    if node.op in core_ops() or node.op in TEXT_OPS:
        return None
    return FORESTS if node.op.startswith("SimpleML") else UNKNOWN


def _opens_file(names: FileNames, function: str, node: Any) -> bool:
    if refused(node.op) is FILE_ACCESS:
        return True
    if opening := _opening(node.op):
        attribute, harmless = opening
        values = _texts(node.attr[attribute]) if attribute in node.attr else []
        return not all(re.fullmatch(harmless, value) for value in values)
    return names.reads_other_file(function, node)


@cache
def _opening(op: str) -> tuple[str, bytes] | None:
    return next((values for pattern, values in OPENING.items() if re.fullmatch(pattern, op)), None)


def _texts(value: Any) -> list[bytes]:
    return list(value.list.s) if value.WhichOneof("value") == "list" else [value.s]
