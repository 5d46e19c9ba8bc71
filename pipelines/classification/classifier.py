"""A text classifier as a class, for Python and notebooks, with the manners of scikit-learn."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pipelines.classification.task import Config
from pipelines.runs.frames import labelled_frames, python_options, python_runs, text_columns

if TYPE_CHECKING:
    import numpy as np
    from sklearn.utils import Tags  # pyrefly: ignore[missing-module-attribute]

    from pipelines.runs import Run
    from pipelines.runs.explanation import Explanation
    from pipelines.runs.predictor import Predictor
    from pipelines.runs.report import Report
    from pipelines.runs.reports.pictures import Pictures

_TASK = "classification"
_SHOWN = 5  # labels in a message


class Classifier:
    """Classifies texts: trained on texts and labels, with calibrated probabilities.

    Args:
        run: Name of the run, a folder under `runs/`.
        config: File or name of a recipe, such as `trec`, whose options the others replace.
        **options: Options of `tfmodels fit classification`; those of a group as a dict: `training={"steps": 500}`.

    Attributes:
        run_: The run, once it is trained.
        classes_: The labels, in the order of probabilities.

    Raises:
        ValueError: An option is unknown; names the nearest one.

    Example:
        ```python
        classifier = tfmodels.Classifier(run="reviews").fit(texts, labels)
        classifier.predict(["A fine film."])
        classifier.score(other_texts, other_labels)
        ```
    """

    def __init__(self, *, run: str = _TASK, config: str = "", **options: Any) -> None:
        python_options.check(Config, options, "Classifier", _TASK)
        self.run = run
        self.config = config
        self.options = options
        self.run_: Run | None = None
        self._predictor: Predictor | None = None
        self._labels: dict[str, Any] = {}

    @classmethod
    def load(cls, run: str | Path) -> Self:
        """Opens a run that was trained before, by the command or from Python.

        Args:
            run: Its folder, or its name under `runs/`.

        Returns:
            The classifier. Its labels are texts.

        Example:
            `tfmodels.Classifier.load("reviews").predict(["A fine film."])`
        """
        found = python_runs.opened(run, _TASK)
        classifier = cls(run=found.name)
        classifier.run_ = found
        return classifier

    def fit(
        self, data: Any = None, labels: Any = None, *, text: str = "", label: str = "", overwrite: bool = False
    ) -> Self:
        """Trains, or opens at once what was trained with the same options on the same data.

        Args:
            data: Texts, whose labels are `labels`; or a DataFrame, or a table of Arrow or polars, with columns of texts
                and labels; a path, or what `--data` takes. Default: the option `data`.
            labels: Texts, whole numbers or truth values; a list for each text where the option `separator` is
                given.
            text: Column of the texts. Default: the option `text`.
            label: Column of the labels. Default: the option `label`.
            overwrite: Whether to replace a run of that name with other options or other data.

        Returns:
            The classifier.

        Raises:
            ValueError: The run has other options or other data, or a row has no text or no label.
        """
        options = self.options | {name: value for name, value in (("text", text), ("label", label)) if value}
        names = options.get("text", Config.text), options.get("label", Config.label)
        table = labelled_frames.of(data, labels, *names, options.get("separator", ""))
        options |= {} if data is None else {"data": python_runs.data_of(data if table is None else table.frame)}
        self.run_ = python_runs.fit(_TASK, self.run, options, self.config, overwrite)
        self._labels = {} if table is None else table.labels
        self._predictor = None
        return self

    def predict(self, data: Any) -> "np.ndarray":
        """The labels of texts.

        Args:
            data: Texts, or a frame with their column.

        Returns:
            `[rows]`, of the type that the labels had in training; where a text may have several labels, 0 or 1 for each
            of `classes_`, `[rows, classes]`.

        Raises:
            ValueError: It is not trained, or a row has no text.
        """
        import numpy as np

        from pipelines.runs.rows import output_columns

        run = python_runs.fitted(self.run_, "Classifier")
        found = output_columns.texts(self._answers(data, "label"), "label")
        if separator := run.config.separator:
            names = self._names()
            chosen = [set(one.split(separator)) for one in found]
            return np.array([[name in one for name in names] for one in chosen], int).reshape(-1, len(names))
        return labelled_frames.typed([self._labels.get(one, one) for one in found])

    def predict_proba(self, data: Any) -> "np.ndarray":
        """The probabilities of texts.

        Args:
            data: As of `predict`.

        Returns:
            `[rows, classes]`, in the order of `classes_`.
        """
        found = self._answers(data, "probabilities")
        return found.reshape(len(found), len(self._names()))

    @property
    def classes_(self) -> "np.ndarray":
        """The labels, in the order of probabilities."""
        return labelled_frames.typed([self._labels.get(one, one) for one in self._names()])

    def score(self, data: Any, labels: Any) -> float:
        """The share of texts whose labels are right, as scikit-learn has it.

        Args:
            data: As of `predict`.
            labels: The labels; where a text may have several, as `predict` gives them.
        """
        import numpy as np

        answers, given = self.predict(data), np.asarray(labels)
        if not len(answers):
            raise ValueError("Expected texts and their labels. Received: none")
        if given.shape != answers.shape:
            raise ValueError(f"Expected labels of shape {list(answers.shape)}. Received: labels of {list(given.shape)}")
        # a loaded classifier answers texts; True is 1 for NumPy, but not written so
        right = (answers.astype(object) == given.astype(object)) | (answers.astype(str) == given.astype(str))
        known = self.classes_
        if right.ndim == 1 and not {*known.tolist(), *map(str, known)} & {*given.tolist(), *map(str, given)}:
            raise ValueError(
                f"Expected labels such as those of training, {', '.join(map(repr, known.tolist()[:_SHOWN]))}. "
                f"Received: none of them, but {given.tolist()[0]!r:.80}"
            )
        return float(right.all(axis=tuple(range(1, right.ndim))).mean())

    @property
    def report(self) -> "Report":
        """The report of the training, on the validation split."""
        from pipelines.runs import report

        return report.read(python_runs.fitted(self.run_, "Classifier").path / "report.json")

    def evaluate(self, data: Any = None, *, split: str = "") -> "Report":
        """Scores answers beside those of the baselines.

        Args:
            data: Other data with the columns of training: a frame, or a path. Default: that of the run.
            split: `validation` or `test`. Default: validation; of other data all of it.

        Returns:
            The report, which is kept beside the run, too.
        """
        run = python_runs.fitted(self.run_, "Classifier")
        return python_runs.evaluate(run, "" if data is None else python_runs.data_of(data), split)

    def plot(self) -> "Pictures":
        """The figures of the run: learning curves, confusion of labels, calibration."""
        from pipelines.runs.reports import pictures

        return pictures.of_run(python_runs.fitted(self.run_, "Classifier"))

    def explain(self, row: str) -> "Explanation":
        """Colours the words of a text by what the model looked at.

        Args:
            row: The text.

        Returns:
            The explanation, which shows itself in a notebook; `write(folder)` writes it.
        """
        return python_runs.explain(python_runs.fitted(self.run_, "Classifier"), row)

    def export(self, folder: str | Path = "", *, keep: int | None = None, weights: str = "float32") -> Path:
        """Exports the model for TensorFlow Serving: see `tfmodels export --help`.

        Args:
            folder: Folder of versions. Default: `saved_models/NAME`.
            keep: How many of the newest versions are kept. Default: all.
            weights: `float32`, `bfloat16` or `int8`.

        Returns:
            The folder of the new version, which `tfmodels.load` opens.
        """
        return python_runs.export(python_runs.fitted(self.run_, "Classifier"), folder, keep, weights)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments that it was made with, as scikit-learn wants them."""
        return {"run": self.run, "config": self.config, **self.options}

    def set_params(self, **params: Any) -> Self:
        """Changes arguments, as scikit-learn does; what was trained is no longer opened."""
        self.__init__(**{**self.get_params(), **params})
        return self

    def __sklearn_tags__(self) -> "Tags":
        """What scikit-learn asks: a classifier of texts."""
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags  # pyrefly: ignore[missing-module-attribute]

        takes = InputTags(one_d_array=True, two_d_array=False, string=True)
        return Tags("classifier", TargetTags(required=True), classifier_tags=ClassifierTags(), input_tags=takes)

    def __sklearn_is_fitted__(self) -> bool:
        """Whether it is trained."""
        return self.run_ is not None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_predictor": None}  # which holds a graph; it is loaded again

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items() if value != "")
        return f"Classifier({given}){'' if self.run_ else ', not trained'}"

    def _repr_html_(self) -> str:
        return python_runs.shown(repr(self), self.run_)

    def _names(self) -> list[str]:
        from pipelines.classification import data

        return data.classes(python_runs.fitted(self.run_, "Classifier"))

    def _answers(self, data: Any, output: str) -> "np.ndarray":
        """An output for each text; none for none."""
        import numpy as np

        self._predictor = self._predictor or python_runs.predictor_of(python_runs.fitted(self.run_, "Classifier"))
        texts = text_columns.texts_of(data, self._predictor.card)
        return self._predictor.predict_columns({"text": texts}, [output])[output] if texts else np.empty(0, object)
