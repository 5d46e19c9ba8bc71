"""Risks from measurements at irregular times as a class, for Python and notebooks."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pipelines.runs.frames.task_model import TaskModel

if TYPE_CHECKING:
    import pandas as pd


class RiskClassifier(TaskModel):
    """Predicts an outcome, its probability or a number: trained on a long table of measurements and a table of labels.

    Args:
        run: Name of the run, a folder under `runs/`. Default: `clinical`.
        config: File or name of a recipe, such as `physionet2012`, whose options the others replace.
        **options: Options of `tfmodels fit clinical`; those of a group as a dict: `training={"steps": 500}`.

    Attributes:
        run_: The run, once it is trained.

    Raises:
        ValueError: An option is unknown; names the nearest one.

    Example:
        ```python
        classifier = tfmodels.RiskClassifier(run="stays", labels="died").fit(measurements, outcomes)
        classifier.predict(others)  # a frame: entity, probability, label, observed, cut
        classifier.explain("stay 12")
        ```
    """

    _task = "clinical"

    def fit(
        self, data: Any = None, labels: Any = None, static: Any = None, notes: Any = None, *, overwrite: bool = False
    ) -> Self:
        """Trains, or opens at once what was trained with the same options on the same data.

        Args:
            data: A DataFrame, or a table of Arrow or polars, with a row for each measurement: columns of the entity,
                the time, the variable and the value; or a path, or what `--data` takes. Default: the option `data`.
            labels: The same of the labels, a row for each entity, or for each time of a prediction. Default: the option
                `labels_file`.
            static: The same of static fields, a row for each entity. Default: the option `static`.
            notes: The same of notes, a row for each: entity, time and text. Default: the option `notes`.
            overwrite: Whether to replace a run of that name with other options or other data.

        Returns:
            The object.

        Raises:
            ValueError: The run has other options or other data, or the data is wrong.
        """
        tables = {"labels_file": labels, "static": static, "notes": notes}
        given = {name: self._named(table) for name, table in tables.items() if table is not None}
        self._train(data, self.options | given, overwrite)
        return self

    def predict(self, data: Any, notes: Any = None) -> "pd.DataFrame":
        """The risks of entities at the time of their last measurement.

        Args:
            data: Measurements, as of `fit`. Rows of a variable that is a static field of the model are one, those of
                the variable `note` are notes.
            notes: Notes on these entities, as of `fit`, of a model that reads them.

        Returns:
            A frame with a row for each entity: `entity`, `probability`, `label` (of several classes the probability of
            each, of numbers `mean` and quantiles instead), `observed` (measurements and notes
            that were read) and `cut` (older ones that had no room).

        Raises:
            ValueError: It is not trained, or a row is faulty.
        """
        import pandas as pd

        from pipelines.clinical import prediction_files

        written = "" if notes is None else self._named(notes)
        rows = prediction_files.read_requests(Path(self._named(data)), self._model.card, written)
        outputs = self._model.predict(list(rows))
        columns = {"entity": rows.entities} | prediction_files.answer_columns(outputs, self._model.card)
        columns["observed"] = [int(one["observed"]) for one in outputs]
        columns["cut"] = [int(one["cut"]) + cut for one, cut in zip(outputs, rows.cut, strict=True)]
        return pd.DataFrame(columns)
