"""Runs side by side as data frames, for Python and notebooks."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from pipelines.runs.overview import differing_rows, run_differences, run_list, scored_models
from pipelines.runs.overview.differing_rows import DifferingRow
from pipelines.runs.overview.run_differences import Pair

if TYPE_CHECKING:
    import pandas as pd

_TWO = 2
_TABLES = ("differences", "metrics", "options", "rows")
_NO_COLUMNS = ("name", "options", "differing", "metrics")


def runs(task: str = "", sort: str = "") -> "pd.DataFrame":
    """Lists the runs under `runs/`, as `tfmodels runs` does, without TensorFlow.

    Args:
        task: The runs of this task only.
        sort: Metric whose best run is first; by default the newest is.

    Returns:
        A row for each run, indexed by its name: `task`, `model`, `state`, `metric` (the primary one) and `score`, its
        best `baseline`, `baseline_score`, `beats_baseline`, `parameters`, `train_seconds`, `date`, `exports`, `fault`,
        and the options by which runs of its task differ, under their full names.

    Raises:
        ValueError: No run has the metric.

    Example:
        `tfmodels.runs(task="translation", sort="bleu").head()`
    """
    import pandas as pd

    found = run_list.read(task=task)
    if sort:
        found = run_list.by_metric(found, sort)
    rows = []
    for run in found:
        own = {name: value for name, value in asdict(run).items() if name not in _NO_COLUMNS}
        rows.append({**own, "score": run.score, **{name: run.options[name] for name in run.differing}})
    names = [run.name.encode(errors="backslashreplace").decode() for run in found]  # of files, which may be no UTF-8
    return pd.DataFrame(rows, index=pd.Index(names, name="name"))


def compare(
    *models: str,
    split: Literal["validation", "test"] = "validation",
    table: Literal["differences", "metrics", "options", "rows"] = "differences",
) -> "pd.DataFrame":
    """Compares runs and exports that were scored on the same rows, as `tfmodels compare` does.

    Args:
        *models: At least two: runs (folders, or names under `runs/`) or exports.
        split: The split that they were scored on.
        table: What to return.

    Returns:
        Of `differences` a row for each metric and pair, the primary metric first: `metric`, `one`, `other`, the
        `difference`, the ends `low` and `high` of its interval, `p` (all corrected for the number of comparisons),
        `better`, empty where no difference is shown, and `verdict`. Of `metrics` a row for each metric and a column for
        each model; of `options` those that differ; of `rows` those on which the models differ most, with `input`,
        `reference`, and answer and score of each.

    Raises:
        FileNotFoundError: A model was not scored on the split.
        ValueError: There are fewer than two, or they were scored on other rows.

    Example:
        `tfmodels.compare("mine-seed-0", "mine-seed-1")[["metric", "verdict"]]`
    """
    import pandas as pd

    if len(set(models)) < max(len(models), _TWO):
        raise ValueError(f"Expected two or more different runs or exports. Received: models={models}")
    if table not in _TABLES:
        raise ValueError(f"Expected one of {', '.join(_TABLES)}. Received: table={table!r}")
    found = [scored_models.read(model, split) for model in models]
    scored_models.check(found)
    if split == "test":
        scored_models.log_use(found)
    if table == "differences":
        return pd.DataFrame(run_differences.pairs(found), columns=list(Pair._fields))
    if table == "metrics":
        return pd.DataFrame({one.name: dict(one.report.metrics) for one in found}).rename_axis("metric")
    if table == "options":
        differing = dict(run_differences.options(found))
        return pd.DataFrame.from_dict(differing, orient="index", columns=list(models)).rename_axis("option")
    return pd.DataFrame([_flat(row) for row in differing_rows.of(found)])


def _flat(row: DifferingRow) -> dict[str, Any]:
    answers = {f"answer of {name}": answer for name, answer in row.answers.items()}
    scores = {f"score of {name}": score for name, score in row.scores.items()}
    return {"row": row.row, "input": row.input, "reference": row.reference, **answers, **scores}
