"""The report of a run: scores, baselines, examples, and what is needed to reproduce them."""

import functools
import json
import math
import platform
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from importlib import metadata
from pathlib import Path
from typing import Any, get_origin, get_type_hints

from pipelines.runs import old_formats
from pipelines.runs.reports import captions, row_scores, split_uses, strict_json, wording
from pipelines.runs.reports.answers import Answers
from pipelines.runs.reports.row_scores import RowScores
from pipelines.sources.split_names import OTHER
from tfmodels import package_version, whole_files

_REMEDY = "`tfmodels evaluate` writes it anew."
_SHOWN = 80  # characters in a message
_LARGEST = 1 << 24  # bytes of a report
_LONGEST, _MOST_PARAMETERS = 1e10, 1 << 60  # seconds of a training
_ROUNDING = 1e-5  # of a score that is computed in two ways, relative to it
_NOT_KEPT = ("data", "figures", "answers", "row_scores")  # in the file of a report
_PACKAGES = (
    *("tensorflow", "keras", "tensorflow-text", "tensorflow-datasets", "sentencepiece"),
    *("sacrebleu", "rouge-score", "pandas", "scikit-learn"),
)


def versions() -> dict[str, str]:
    """Lists the versions of Python and of the packages that affect scores, without importing them.

    Example:
        `versions()` -> `{"python": "3.13.1", "tensorflow": "2.21.0", ...}`
    """
    installed = {"python": platform.python_version(), "tfmodels": package_version.find()}
    for package in _PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            installed[package] = metadata.version(package)
    return installed


@dataclass(frozen=True, kw_only=True, repr=False)
class Report:
    """The scores of a run on one split.

    Values are converted to strict JSON: NumPy's numbers to Python's, NaN and infinity to None.

    Attributes:
        task: Name of the task.
        model: Name of the model.
        split: Evaluated split, `validation` or `test`.
        rows: Number of rows that were scored; 0 = not counted, as in reports of earlier versions.
        primary: `{"metric": name, "higher_is_better": bool}`, the primary metric.
        metrics: Metric -> score of the model.
        baselines: Name of a baseline -> its metrics, including the primary one.
        comparisons: Name of a baseline -> how the model differs from it in the primary metric, with the error:
            `metrics.Difference` as a dict; None where too few rows were scored to tell. A baseline that is not in it
            is compared without an error.
        broken: Name of a baseline that does worse than a constant answer -> that answer. Beating it shows nothing.
        tables: Further numbers, each table `{"title": str, "columns": [str], "rows": [[value]]}`; with
            `"card": True` in the model card of an export, too.
        examples: Examples, each a dict whose `kind` is `best`, `median` or `worst` (see `reports.examples`).
        seed: Seed of the run.
        parameters: Number of trainable parameters.
        train_seconds: Training time.
        command: Command line that wrote the report.
        versions: Package -> version.
        notes: Remarks, such as the number of truncated rows.
        data: What the scored data is called, for captions. Like figures and answers it is not part of the file.
        figures: Name -> what draws the figure into a file with a caption: see `reports.figures`.
        answers: The answers that are scored, a row each: see `reports.answers`.
        row_scores: What metrics are computed from, a row each, in files of their own: see `reports.row_scores`.
        rows_digest: Of the rows with their references, see `row_scores.digest`; empty where it is not known.

    Raises:
        ValueError: If the primary metric is missing from `metrics` or from a baseline.

    Example:
        ```python
        report = Report(
            task="translation", model="Transformer", split="validation",
            primary={"metric": "bleu", "higher_is_better": True},
            metrics={"bleu": 38.2, "chrf": 62.0}, baselines={"copy the source": {"bleu": 3.1}},
            seed=1, parameters=4_700_000, train_seconds=1830.0, command="tfmodels fit translation",
        )
        write(report, Path("runs/translation"))
        ```
    """

    task: str
    model: str
    split: str
    rows: int = 0
    primary: dict[str, Any]
    metrics: Mapping[str, float | None]
    baselines: Mapping[str, Mapping[str, float | None]]
    comparisons: Mapping[str, Mapping[str, float] | None] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    tables: list[dict[str, Any]] = field(default_factory=list)
    examples: list[dict[str, Any]] = field(default_factory=list)
    seed: int
    parameters: int
    train_seconds: float
    command: str
    versions: dict[str, str] = field(default_factory=versions)
    notes: list[str] = field(default_factory=list)
    data: str = field(default="", compare=False)
    figures: Mapping[str, Callable[[Path, str], None]] = field(default_factory=dict, compare=False)
    answers: Answers | None = field(default=None, compare=False)
    row_scores: RowScores | None = field(default=None, compare=False)
    rows_digest: str = ""

    def __post_init__(self) -> None:
        for item in fields(self):
            object.__setattr__(self, item.name, strict_json.plain(getattr(self, item.name)))
        metric = self.primary["metric"]
        for name, scores in {"metrics": self.metrics, **self.baselines}.items():
            if metric not in scores:
                raise ValueError(f"Expected the primary metric {metric!r} in {name!r}. Received: {sorted(scores)}")

    @property
    def title(self) -> str:
        """What was scored on what, in words."""
        return f"{self.model} on {'other data' if self.split == OTHER else f'the {self.split} split'}"

    @property
    def caption(self) -> str:
        """What was scored on what, and when, for figures."""
        return captions.joined(self.title, self.data)

    @property
    def best_baseline(self) -> str | None:
        """Name of the baseline with the best primary score, broken ones left out; None without baselines."""
        sound = (name for name in self.baselines if name not in self.broken)
        return max(sound, key=lambda name: self._worth(self.baselines[name]), default=None)

    @property
    def comparison(self) -> Mapping[str, float] | None:
        """How the model differs from the best baseline in the primary metric; None without an error."""
        return self.comparisons.get(self.best_baseline or "")

    @property
    def beats_baseline(self) -> bool | None:
        """Whether the model is better than the best baseline in the primary metric.

        True or False if the difference is larger than its error, or if no error is known (reports of earlier versions,
        and tasks that give none); None if it is smaller, if there were too few rows to tell, or without baselines.
        """
        best = self.best_baseline
        if best is None:
            return None
        if best not in self.comparisons:
            return self._worth(self.metrics) > self._worth(self.baselines[best])
        found = self.comparisons[best]
        if found is None or found["low"] <= 0 <= found["high"]:
            return None
        return (found["difference"] > 0) == self.primary["higher_is_better"]

    def __repr__(self) -> str:
        return wording.summary(self)

    def _repr_html_(self) -> str:
        from pipelines.runs.reports import report_html

        return report_html.of(self)

    def _worth(self, scores: Mapping[str, float | None]) -> float:
        """The primary score, negated if lower is better; minus infinity for None."""
        score = scores[self.primary["metric"]]
        if score is None:
            return -math.inf
        return score if self.primary["higher_is_better"] else -score


def write(report: Report, run_path: Path, changed: bool = False, of: str = "", weights: str = "") -> Path:
    """Writes a report into the folder of a run, and logs each use of the test split in `test_uses.log`.

    Args:
        report: The report.
        run_path: Folder of the run.
        changed: Whether options were changed after the training; the report of the run's own options is kept.
        of: Name of the export that was scored instead of the run's own model; the report of the run is kept.
        weights: The run's `weights_digest`, of those that were scored.

    Returns:
        The file: `report.json` for the validation split, else `report.<split>.json`; with `changed`,
        `report.changed.json` or `report.<split>.changed.json`; with `of`, `report.<split>.<of>.json`.

    Raises:
        ValueError: A comparison is not that of the scores beside it.

    Example:
        `write(report, Path("runs/translation"))` -> `runs/translation/report.json`
    """
    _check_differences(report)
    if report.split == "test":
        split_uses.log(run_path, report.command)
    content: dict[str, Any] = {"format": old_formats.FORMAT, **({"weights": weights} if weights else {})}
    for item in fields(report):
        if item.name not in _NOT_KEPT:
            content[item.name] = getattr(report, item.name)
        if item.name == "baselines":
            content |= _verdict(report)
    split = "" if report.split == "validation" else f".{report.split}"
    path = run_path / f"report{split}{'.changed' if changed else ''}{f'.{of}' if of else ''}.json"
    if report.row_scores is not None:
        if wrong := row_scores.unlike(report.row_scores, report.metrics):
            raise ValueError(f"Expected rows that give the scores of the report. Received: {wrong}")
        content["row_metrics"] = row_scores.write(report.row_scores, path)
    whole_files.write(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    return path


def read(path: Path) -> Report:
    """Reads a report that `write` wrote.

    Args:
        path: The `.json` file.

    Returns:
        The report.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, or of a later version; names the file.

    Example:
        `read(Path("runs/translation/report.json")).metrics["bleu"]`
    """
    if not path.is_file():
        raise FileNotFoundError(
            "Expected a report; `tfmodels fit` (validation) and `tfmodels evaluate` (any split) write one. "
            f"Received: path={str(path)!r}"
        )
    found = whole_files.read_json(path, _REMEDY, _LARGEST)
    if not isinstance(found, dict) or not isinstance(found.get("task"), str):
        raise ValueError(f"Expected a report in {path}. Received: no `task`. {_REMEDY}")
    number = found.get("format")
    if type(number) is int and number > old_formats.FORMAT:
        raise ValueError(
            f"Expected a report of format {old_formats.FORMAT} or earlier; update tfmodels to read {path}. "
            f"Received: format={number}"
        )
    content = old_formats.report(found)
    kinds = _kinds()
    for name in content.keys() & kinds:
        if not isinstance(content[name], int | float | None if kinds[name] is float else kinds[name]):
            raise ValueError(f"Expected a report in {path}. Received: {name}={str(content[name])[:_SHOWN]}. {_REMEDY}")
    try:
        read_report = Report(**{name: content[name] for name in kinds if name in content})
        scores = [read_report.metrics, *read_report.baselines.values()]
        if not all(isinstance(score, int | float | None) for found in scores for score in found.values()):
            raise TypeError("a score that is no number")
        if not (0 <= read_report.train_seconds <= _LONGEST and 0 <= read_report.parameters < _MOST_PARAMETERS):
            raise ValueError(f"{read_report.train_seconds} seconds, {read_report.parameters} parameters")
        _ = read_report.beats_baseline  # raises where what it compares is missing
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"Expected a report in {path}. Received: {type(error).__name__}: {error}. {_REMEDY}") from None
    return read_report


@functools.cache
def _kinds() -> dict[str, Any]:
    """The types of what the file of a report has."""
    hints = get_type_hints(Report).items()
    return {name: get_origin(kind) or kind for name, kind in hints if name not in _NOT_KEPT}


def _check_differences(report: Report) -> None:
    """Refuses a difference that was computed otherwise than the scores that stand beside it."""
    metric = report.primary["metric"]
    for name, found in report.comparisons.items():
        both = (report.metrics[metric], report.baselines.get(name, {}).get(metric))
        score, baseline = (math.nan if one is None else one for one in both)
        rounding = _ROUNDING * max(abs(score), abs(baseline))
        if found and not abs(found["difference"] - (score - baseline)) <= rounding:
            raise ValueError(
                f"Expected the difference of the scores, {metric}={score} and {baseline} of {name!r}; compute all of "
                f"them alike. Received: difference={found['difference']}"
            )


def _verdict(report: Report) -> dict[str, Any]:
    """What is computed from the rest, for readers of the file."""
    found = report.comparison or {}
    return {
        "beats_baseline": report.beats_baseline,
        "best_baseline": report.best_baseline,
        "difference": found.get("difference"),
        "standard_error": found.get("standard_error"),
    }
