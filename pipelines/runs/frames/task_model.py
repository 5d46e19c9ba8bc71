"""What the classes of all tasks do with their runs: open, score, draw and export them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pipelines.runs import registry
from pipelines.runs.frames import python_options, python_runs

if TYPE_CHECKING:
    from pipelines.runs import Run
    from pipelines.runs.explanation import Explanation
    from pipelines.runs.predictor import Predictor
    from pipelines.runs.report import Report
    from pipelines.runs.reports.pictures import Pictures


class TaskModel:
    """A model of a task as a class. A class of a task names its task, and has `fit` and `predict`.

    Args:
        run: Name of the run, a folder under `runs/`. Default: the name of the task.
        config: File or name of a recipe, whose options the others replace.
        **options: Options of `tfmodels fit TASK`; those of a group as a dict: `training={"steps": 500}`.

    Attributes:
        run_: The run, once it is trained.

    Raises:
        ValueError: An option is unknown; names the nearest one.

    Example:
        ```python
        class Translator(TaskModel):
            _task = "translation"
        ```
    """

    _task: ClassVar[str]

    def __init__(self, *, run: str | None = None, config: str = "", **options: Any) -> None:
        python_options.check(registry.find(self._task).Config, options, type(self).__name__, self._task)
        self.run = self._task if run is None else run
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
            The model.

        Example:
            `tfmodels.Translator.load("mine").predict("A dog runs.")`
        """
        found = python_runs.opened(run, cls._task)
        model = cls(run=found.name)
        model.run_ = found
        return model

    @property
    def report(self) -> "Report":
        """The report of the training, on the validation split."""
        from pipelines.runs import report

        return report.read(self._fitted.path / "report.json")

    def evaluate(self, data: Any = None, *, split: str = "") -> "Report":
        """Scores answers beside those of the baselines.

        Args:
            data: Other data of the form that `fit` takes as one: a frame, or a path. Default: that of the run.
            split: `validation` or `test`. Default: validation; of other data all of it.

        Returns:
            The report, which is kept beside the run, too.
        """
        return python_runs.evaluate(self._fitted, "" if data is None else self._named(data), split)

    def plot(self) -> "Pictures":
        """The figures of the run and of its report: learning curves, and what the task draws."""
        from pipelines.runs.reports import pictures

        return pictures.of_run(self._fitted)

    def explain(self, row: str) -> "Explanation":
        """Draws what the model looked at for an answer, and what it copied where it does.

        Args:
            row: The text.

        Returns:
            The explanation, which shows itself in a notebook; `write(folder)` writes it.
        """
        return python_runs.explain(self._fitted, row)

    def export(self, folder: str | Path = "", *, keep: int | None = None, weights: str = "float32") -> Path:
        """Exports the model for TensorFlow Serving: see `tfmodels export --help`.

        Args:
            folder: Folder of versions. Default: `saved_models/NAME`.
            keep: How many of the newest versions are kept. Default: all.
            weights: `float32`, `bfloat16` or `int8`.

        Returns:
            The folder of the new version, which `tfmodels.load` opens.
        """
        return python_runs.export(self._fitted, folder, keep, weights)

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
        return f"{type(self).__name__}({given}){'' if self.run_ else ', not trained'}"

    def _repr_html_(self) -> str:
        return python_runs.shown(repr(self), self.run_)

    def _train(self, data: Any, options: dict[str, Any], overwrite: bool) -> None:
        """Trains on data, or on that of the options if it is None; or opens what was trained with them."""
        given = {} if data is None else {"data": self._named(data)}
        self.run_ = python_runs.fit(self._task, self.run, options | given, self.config, overwrite)
        self._predictor = None

    def _named(self, data: Any) -> str:
        """Data as the option `data` names it."""
        return python_runs.data_of(data)

    @property
    def _fitted(self) -> "Run":
        return python_runs.fitted(self.run_, type(self).__name__)

    @property
    def _model(self) -> "Predictor":
        """What answers, loaded at the first use."""
        self._predictor = self._predictor or python_runs.predictor_of(self._fitted)
        return self._predictor
