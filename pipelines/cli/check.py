"""`tfmodels check`: checks of a SavedModel for TensorFlow Serving."""

import textwrap
from typing import TYPE_CHECKING

from pipelines.cli import subcommands

if TYPE_CHECKING:
    from tfmodels.export import Finding


def check(arguments: list[str]) -> int:
    """Check any SavedModel for problems in TensorFlow Serving."""
    parser = subcommands.parser("check", check)
    parser.add_argument(
        "model", metavar="SAVED_MODEL", help="Version folder, or folder of versions, of which the newest is checked."
    )
    parser.add_argument("--json", action="store_true", help="Print the findings as JSON.")
    options = parser.parse_args(arguments)

    import dataclasses
    import json

    from tfmodels import export

    findings = export.check(options.model)
    if options.json:
        print(json.dumps([dataclasses.asdict(finding) for finding in findings], indent=2, ensure_ascii=False))
    else:
        _print_findings(findings)
    return int(any(finding.severity == "error" for finding in findings))


def _print_findings(findings: list["Finding"]) -> None:
    if not findings:
        print("No problems found.")
    for finding in findings:
        print(", ".join(filter(None, (f"{finding.severity}: {finding.rule}", finding.endpoint, finding.subject))))
        server = f"TensorFlow Serving {finding.server}." if finding.server else ""
        for text in filter(None, (finding.problem, server, finding.advice)):
            print(textwrap.fill(text, 100, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False))
