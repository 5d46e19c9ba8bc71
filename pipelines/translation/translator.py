"""A translator as a class, for Python and notebooks."""

from typing import Any, Self

from pipelines.runs.frames import text_columns
from pipelines.runs.frames.task_model import TaskModel


class Translator(TaskModel):
    """Translates texts: trained on pairs of texts.

    Args:
        run: Name of the run, a folder under `runs/`. Default: `translation`.
        config: File or name of a recipe, such as `multi30k`, whose options the others replace.
        **options: Options of `tfmodels fit translation`, such as `source="en"`; those of a group as a dict:
            `training={"steps": 500}`.

    Attributes:
        run_: The run, once it is trained.

    Raises:
        ValueError: An option is unknown; names the nearest one.

    Example:
        ```python
        translator = tfmodels.Translator(source="en", target="de", run="mine").fit(frame)
        translator.predict(["A dog runs."])
        ```
    """

    _task = "translation"

    def fit(self, data: Any = None, translations: Any = None, *, overwrite: bool = False) -> Self:
        """Trains, or opens at once what was trained with the same options on the same data.

        Args:
            data: Texts, whose translations are `translations`; or a DataFrame, or a table of Arrow or polars, with a
                column for each language: named by it, or `source` and `target`, or by the options `source_column` and
                `target_column`; a path, or what `--data` takes. Default: the option `data`.
            translations: The translations.
            overwrite: Whether to replace a run of that name with other options or other data.

        Returns:
            The translator.

        Raises:
            ValueError: The run has other options or other data, or the data is wrong.
        """
        names = (self.options.get("source_column") or "source", self.options.get("target_column") or "target")
        pairs = data if translations is None else text_columns.paired(data, translations, *names)
        self._train(pairs, self.options, overwrite)
        return self

    def predict(self, data: Any, endpoint: str = "serving_default") -> Any:
        """Translates texts.

        Args:
            data: A text, a list, an array or a Series of texts, or a frame with their column.
            endpoint: Another endpoint, such as `nbest`.

        Returns:
            The same kind: translations; of a frame one with `answer_text` beside its columns.

        Raises:
            ValueError: It is not trained, or a row has no text.
        """
        answers = self._model.predict(data, endpoint)
        if isinstance(answers, list):
            return [answer["text"] for answer in answers]
        return answers["text"] if isinstance(answers, dict) else answers
