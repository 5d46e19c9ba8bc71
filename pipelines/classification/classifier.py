"""A text classifier as a class, for Python and notebooks, with the manners of scikit-learn."""

from typing import TYPE_CHECKING, Any, Self

from pipelines.classification.task import Config
from pipelines.runs.frames import labelled_frames, text_columns
from pipelines.runs.frames.task_model import TaskModel

if TYPE_CHECKING:
    import numpy as np
    from sklearn.utils import Tags  # pyrefly: ignore[missing-module-attribute]

_SHOWN = 5  # labels in a message


class Classifier(TaskModel):
    """Classifies texts: trained on texts and labels, with calibrated probabilities.

    Args:
        run: Name of the run, a folder under `runs/`. Default: `classification`.
        config: File or name of a recipe, such as `trec`, whose options the others replace.
        **options: Options of `tfmodels fit classification`; those of a group as a dict: `training={"steps": 500}`.

    Attributes:
        run_: The run, once it is trained.
        classes_: The labels, in the order of probabilities; texts where the run was loaded.

    Raises:
        ValueError: An option is unknown; names the nearest one.

    Example:
        ```python
        classifier = tfmodels.Classifier(run="reviews").fit(texts, labels)
        classifier.predict(["A fine film."])
        classifier.score(other_texts, other_labels)
        ```
    """

    _task = "classification"

    def __init__(self, *, run: str | None = None, config: str = "", **options: Any) -> None:
        super().__init__(run=run, config=config, **options)
        self._labels: dict[str, Any] = {}  # those of the report -> those of training

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
        self._train(data if table is None else table.frame, options, overwrite)
        self._labels = {} if table is None else table.labels
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

        run = self._fitted
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

    def __sklearn_tags__(self) -> "Tags":
        """What scikit-learn asks: a classifier of texts."""
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags  # pyrefly: ignore[missing-module-attribute]

        takes = InputTags(one_d_array=True, two_d_array=False, string=True)
        return Tags("classifier", TargetTags(required=True), classifier_tags=ClassifierTags(), input_tags=takes)

    def __sklearn_is_fitted__(self) -> bool:
        """Whether it is trained."""
        return self.run_ is not None

    def _names(self) -> list[str]:
        from pipelines.classification import data

        return data.classes(self._fitted)

    def _answers(self, data: Any, output: str) -> "np.ndarray":
        """An output for each text; none for none."""
        import numpy as np

        texts = text_columns.texts_of(data, self._model.card)
        return self._model.predict_columns({"text": texts}, [output])[output] if texts else np.empty(0, object)
