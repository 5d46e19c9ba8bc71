"""Checks of the files of a version, which are looked at but not read."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tfmodels.export.checks.finding import Finding
from tfmodels.export.graph.reached_ops import GRAPH, RESTORE, ReachedOps

_MOST_ENTRIES = 100_000
_KINDS = {stat.S_IFIFO: "pipe", stat.S_IFSOCK: "socket", stat.S_IFBLK: "device", stat.S_IFCHR: "device"}
_VARIABLES = ("VarHandleOp", "VariableV2", "Variable", "VarHandlesOp")
_SHARD = re.compile(r"variables\.data-(\d{5})-of-(\d{5})")


def entry_findings(version: Path) -> Iterator[Finding]:
    """Finds links that lead out of the version, and what is neither a file nor a folder.

    Args:
        version: The version folder; it may be a link itself.

    Yields:
        The findings.
    """
    inside = version.resolve()
    left = _MOST_ENTRIES
    for folder, folders, files in os.walk(version):  # follows no links
        for name in (*folders, *files):
            left -= 1
            path = Path(folder, name)
            subject = f"file {str(path.relative_to(version))!r}"
            kind = stat.S_IFMT(path.lstat().st_mode)
            if kind == stat.S_IFLNK and not _resolved(path).is_relative_to(inside):
                problem = f"is a link that leads out of the version: {os.readlink(path)!r}"
                yield Finding("link", "", subject, problem, "put a copy of the file in its place")
            elif kind in _KINDS:
                problem = f"is a {_KINDS[kind]}, which may never end"
                yield Finding("file_kind", "", subject, problem, "put a file in its place, or remove it")
        if left < 0:
            problem = f"has more than {_MOST_ENTRIES} files"
            yield Finding("too_large", "", "folder", problem, "move what does not belong to the SavedModel elsewhere")
            return


def content_findings(version: Path, reached: ReachedOps) -> Iterator[Finding]:
    """Finds assets outside of the version, and files that the graph needs and the version lacks.

    Args:
        version: The version folder.
        reached: The graph.

    Yields:
        The findings.
    """
    for asset in reached.meta_graph.asset_file_def:
        subject = f"asset {asset.filename!r}"
        parts = PurePosixPath(asset.filename)
        if parts.is_absolute() or ".." in parts.parts or not parts.parts or "\0" in asset.filename:
            yield Finding("asset_path", "", subject, "is not a name inside `assets/`", "export it again")
        elif not (version / "assets" / parts).is_file():
            yield Finding("missing_file", "", subject, "is missing in `assets/`", "copy or export it again completely")
    variables = version / "variables"
    missing = "copy or export it again completely"
    if not (variables / "variables.index").is_file():
        if any(node.op in _VARIABLES for node in reached.nodes[GRAPH].values()) and RESTORE in reached.roots:
            problem = "is missing, while the graph has variables"
            yield Finding("missing_file", "", "file 'variables/variables.index'", problem, missing)
        return
    shards = [match for file in variables.iterdir() if (match := _SHARD.fullmatch(file.name))]
    there = {int(match[1]) for match in shards}
    if not shards or there != set(range(int(shards[0][2]))):
        problem = f"has not all of its parts: {sorted(match[0] for match in shards)[:8]}"
        yield Finding("missing_file", "", "file 'variables/variables.data'", problem, missing)


def _resolved(path: Path) -> Path:
    """Where a link leads; the root folder if it leads in a circle."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return Path("/")
