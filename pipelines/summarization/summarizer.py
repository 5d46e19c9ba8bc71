"""A summarizer as a class, for Python and notebooks."""

from typing import Any, Self

from pipelines.runs.frames import text_columns
from pipelines.runs.frames.task_model import TaskModel


class Summarizer(TaskModel):
    """Summarizes documents: trained on documents and their summaries.

    Args:
        run: Name of the run, a folder under `runs/`. Default: `summarization`.
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

    _task = "summarization"

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
        self._train(pairs, self.options, overwrite)
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
        answers = self._model.predict(data, endpoint)
        if isinstance(answers, list):
            return [answer["text"] for answer in answers]
        return answers["text"] if isinstance(answers, dict) else answers
