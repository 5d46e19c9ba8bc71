"""Runs side by side as data frames, for Python and notebooks."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Literal

from pipelines.runs.overview import run_differences, run_list, scored_models

if TYPE_CHECKING:
    import pandas as pd

_TWO = 2
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


def compare(*models: str, split: Literal["validation", "test"] = "validation") -> "pd.DataFrame":
    """Compares runs and exports that were scored on the same rows, as `tfmodels compare` does.

    Args:
        *models: At least two: runs (folders, or names under `runs/`) or exports.
        split: The split that they were scored on.

    Returns:
        A row for each pair: `one`, `other`, the `difference` of the primary metric, the ends `low` and `high` of its
        95 % interval, `p` (corrected for the number of pairs) and `better`, empty where no difference is shown.

    Raises:
        FileNotFoundError: A model was not scored on the split.
        ValueError: There are fewer than two, or they were scored on other rows.

    Example:
        `tfmodels.compare("mine-seed-0", "mine-seed-1")["better"]`
    """
    import pandas as pd

    if len(set(models)) < max(len(models), _TWO):
        raise ValueError(f"Expected two or more different runs or exports. Received: models={models}")
    found = [scored_models.read(model, split) for model in models]
    scored_models.check(found)
    if split == "test":
        scored_models.log_use(found)
    return pd.DataFrame(run_differences.pairs(found))
