"""The figures of a report, in files beside it."""

from pathlib import Path

from pipelines.runs.report import Report


def draw(report: Report, file: Path) -> list[Path]:
    """Draws the figures of a report, under names that tell what was scored as the name of its file does.

    Args:
        report: The report.
        file: The file that `report.write` returned.

    Returns:
        The files: beside `report.json` such as `errors.png`, beside `report.test.json` `errors.test.png`.

    Example:
        `draw(report, write(report, run.path))`
    """
    scored = file.stem.removeprefix("report")
    drawn = {file.with_name(f"{name}{scored}.png"): figure for name, figure in report.figures.items()}
    for path, figure in drawn.items():
        figure(path, report.caption)
    return list(drawn)
