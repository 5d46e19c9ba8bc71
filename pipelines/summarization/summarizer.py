"""A summarizer as a class, for Python and notebooks."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pipelines.runs.frames import python_options, python_runs, text_columns
from pipelines.summarization.task import Config

if TYPE_CHECKING:
    from pipelines.runs import Run
    from pipelines.runs.explanation import Explanation
    from pipelines.runs.predictor import Predictor
    from pipelines.runs.report import Report
    from pipelines.runs.reports.pictures import Pictures

_TASK = "summarization"


class Summarizer:
    """Summarizes documents: trained on documents and their summaries.

    Args:
        run: Name of the run, a folder under `runs/`.
        config: File or name of a recipe, whose options the others replace.
        **options: Options of `tfmodels fit summarization`; those of a group as a dict: `training={"steps": 500}`.

    Attributes:
        run_: The run, once it is trained.

    Raises:
        ValueError: An option is unknown; names the nearest one.

    Example:
        ```python
        summarizer = tfmodels.Summarizer(run="news").fit(documents, summaries)
        summarizer.predict([document])
        ```
    """

    def __init__(self, *, run: str = _TASK, config: str = "", **options: Any) -> None:
        python_options.check(Config, options, "Summarizer", _TASK)
        self.run = run
        self.config = config
        self.options = options
        self.run_: Run | None = None
        self._predictor: Predictor | None = None

    @classmethod
    def load(cls, run: str | Path) -> Self:
        """Opens a run that was trained before, by the command or from Python.

        Args:
            run: Its folder, or its name under `runs/`.

        Returns:
            The summarizer.

        Example:
            `tfmodels.Summarizer.load("news").predict(document)`
        """
        found = python_runs.opened(run, _TASK)
        summarizer = cls(run=found.name)
        summarizer.run_ = found
        return summarizer

    def fit(self, data: Any = None, summaries: Any = None, *, overwrite: bool = False) -> Self:
        """Trains, or opens at once what was trained with the same options on the same data.

        Args:
            data: Documents, whose summaries are `summaries`; or a DataFrame, or a table of Arrow or polars, with
                columns such as `document` and `summary`, or named by the options `source_column` and `target_column`;
                a path, or what `--data` takes. Default: the option `data`.
            summaries: The summaries.
            overwrite: Whether to replace a run of that name with other options or other data.

        Returns:
            The summarizer.

        Raises:
            ValueError: The run has other options or other data, or the data is wrong.
        """
        names = (self.options.get("source_column") or "document", self.options.get("target_column") or "summary")
        pairs = data if summaries is None else text_columns.paired(data, summaries, *names)
        options = self.options if data is None else {**self.options, "data": python_runs.data_of(pairs)}
        self.run_ = python_runs.fit(_TASK, self.run, options, self.config, overwrite)
        self._predictor = None
        return self

    def predict(self, data: Any, endpoint: str = "serving_default") -> Any:
        """Summarizes documents.

        Args:
            data: A text, a list, an array or a Series of texts, or a frame with their column.
            endpoint: Another endpoint, such as `nbest`.

        Returns:
            The same kind: summaries; of a frame one with `answer_text` beside its columns.

        Raises:
            ValueError: It is not trained, or a row has no text.
        """
        self._predictor = self._predictor or python_runs.predictor_of(python_runs.fitted(self.run_, "Summarizer"))
        answers = self._predictor.predict(data, endpoint)
        if isinstance(answers, list):
            return [answer["text"] for answer in answers]
        return answers["text"] if isinstance(answers, dict) else answers

    @property
    def report(self) -> "Report":
        """The report of the training, on the validation split."""
        from pipelines.runs import report

        return report.read(python_runs.fitted(self.run_, "Summarizer").path / "report.json")

    def evaluate(self, data: Any = None, *, split: str = "") -> "Report":
        """Scores summaries beside those of the baselines.

        Args:
            data: Other pairs with the columns of training: a frame, or a path. Default: that of the run.
            split: `validation` or `test`. Default: validation; of other data all of it.

        Returns:
            The report, which is kept beside the run, too.
        """
        run = python_runs.fitted(self.run_, "Summarizer")
        return python_runs.evaluate(run, "" if data is None else python_runs.data_of(data), split)

    def plot(self) -> "Pictures":
        """The figures of the run: learning curves."""
        from pipelines.runs.reports import pictures

        return pictures.of_run(python_runs.fitted(self.run_, "Summarizer"))

    def explain(self, row: str) -> "Explanation":
        """Draws the attention of a summary, and what it copied.

        Args:
            row: The text.

        Returns:
            The explanation, which shows itself in a notebook; `write(folder)` writes it.
        """
        return python_runs.explain(python_runs.fitted(self.run_, "Summarizer"), row)

    def export(self, folder: str | Path = "", *, keep: int | None = None, weights: str = "float32") -> Path:
        """Exports the model for TensorFlow Serving: see `tfmodels export --help`.

        Args:
            folder: Folder of versions. Default: `saved_models/NAME`.
            keep: How many of the newest versions are kept. Default: all.
            weights: `float32`, `bfloat16` or `int8`.

        Returns:
            The folder of the new version, which `tfmodels.load` opens.
        """
        return python_runs.export(python_runs.fitted(self.run_, "Summarizer"), folder, keep, weights)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments that it was made with, as scikit-learn wants them."""
        return {"run": self.run, "config": self.config, **self.options}

    def set_params(self, **params: Any) -> Self:
        """Changes arguments, as scikit-learn does; what was trained is no longer opened."""
        self.__init__(**{**self.get_params(), **params})
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_predictor": None}  # which holds a graph; it is loaded again

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items() if value != "")
        return f"Summarizer({given}){'' if self.run_ else ', not trained'}"

    def _repr_html_(self) -> str:
        return python_runs.shown(repr(self), self.run_)
