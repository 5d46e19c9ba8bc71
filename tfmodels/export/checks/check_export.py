"""Checks whether a SavedModel, of this package or not, works behind TensorFlow Serving."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tfmodels.export.checks.finding import ERROR, Finding
from tfmodels.export.checks.isolated_run import isolated_findings
from tfmodels.export.checks.static_check import static_findings
from tfmodels.export.versions import version_folder

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from tfmodels.export.runners.session_runner import SessionRunner


def check(path: str | Path) -> list[Finding]:
    """Finds what would fail, or break other requests, once the model is served.

    TensorFlow Serving loads and lists SavedModels even if it cannot answer their requests. This check first reads the
    files as data: types, shapes and ops are compared with those of a stock server, and nothing is run. Only a
    SavedModel without errors so far is run as the server does, in a child process with limits: on the warm-up requests
    if there are any, else on generated inputs. Nothing is written.

    Args:
        path: A version folder, or a folder of versions, of which the newest is taken. The model's code is not needed,
            and the SavedModel may be damaged or hostile.

    Returns:
        The findings, errors first.

    Raises:
        FileNotFoundError: If there is no SavedModel.

    Example:
        `for finding in check("saved_models/translation"): print(finding)`
    """
    version = version_folder(path)
    findings = static_findings(version)
    rules = {finding.rule for finding in findings}
    if any(finding.severity == ERROR for finding in findings):
        problem = "were not run, since the files have errors"
        findings.append(Finding("not_run", "", "endpoints", problem, "mend the errors and check again"))
    elif "decision_forests" not in rules:
        findings += isolated_findings(version)
    return sorted(findings, key=lambda finding: finding.severity != ERROR)


def check_loaded(
    version: Path, session: "SessionRunner", samples: "Mapping[str, Mapping[str, ArrayLike]]"
) -> list[Finding]:
    """Like `check`, for a version of this process that is already loaded and not yet in its final folder.

    Args:
        version: The version folder.
        session: A runner of the same SavedModel.
        samples: Endpoint name -> input name -> array `[batch, ...]`: more rows than the version keeps.

    Returns:
        The findings.
    """
    from tfmodels.export.checks.session_check import session_findings

    findings = [finding for finding in static_findings(version) if finding.rule != "version"]
    if any(finding.severity == ERROR for finding in findings):
        return findings
    return findings + session_findings(version, session, samples)
