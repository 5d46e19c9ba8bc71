"""Question answering as a class, for Python and notebooks."""

from typing import TYPE_CHECKING, Any, Self

from pipelines.runs.frames import text_columns
from pipelines.runs.frames.task_model import TaskModel

if TYPE_CHECKING:
    from pipelines.runs.explanation import Explanation


class QuestionAnswerer(TaskModel):
    """Answers questions by a piece of the text that is given with them: trained on questions, texts and answers.

    Args:
        run: Name of the run, a folder under `runs/`. Default: `question_answering`.
        config: File or name of a recipe, whose options the others replace.
        **options: Options of `tfmodels fit question_answering`; those of a group as a dict: `training={"steps": 500}`.

    Attributes:
        run_: The run, once it is trained.

    Raises:
        ValueError: An option is unknown; names the nearest one.

    Example:
        ```python
        answerer = tfmodels.QuestionAnswerer(run="asked").fit(frame)
        answerer.predict("Where is it?", "It is in Oslo.")["answer"]
        answerer.predict(questions, contexts)  # a frame
        ```
    """

    _task = "question_answering"

    def fit(self, data: Any = None, *, overwrite: bool = False) -> Self:
        """Trains, or opens at once what was trained with the same options on the same data.

        Args:
            data: A DataFrame, or a table of Arrow or polars, with columns of questions, contexts and answers, perhaps
                also of the answers' starts, ids and titles: called as usual, such as `question`, or named by the
                options `question_column` and so on. Or a path, or what `--data` takes. Default: the option `data`.
            overwrite: Whether to replace a run of that name with other options or other data.

        Returns:
            The object.

        Raises:
            ValueError: The run has other options or other data, or the data is wrong.
        """
        self._train(data, self.options, overwrite)
        return self

    def predict(self, data: Any, contexts: Any = None, endpoint: str = "serving_default") -> Any:
        """Answers questions.

        Args:
            data: A question, or several; or, without `contexts`, a frame with columns of questions and contexts, or
                rows `{"question": text, "context": text}`.
            contexts: The context of each question, or one of all.
            endpoint: Another endpoint, such as `nbest`.

        Returns:
            A frame with `answer` (empty if there is none), `start` and `end` (its bytes in the context), `score` and
            `answerable` beside questions and contexts; of one question a dict, of rows a list of dicts.

        Raises:
            ValueError: It is not trained, a row lacks a text, or there are contexts beside a frame or a row of both.
        """
        if contexts is None:
            return self._model.predict(data, endpoint)
        if isinstance(contexts, str | bytes):
            if isinstance(data, str | bytes):
                return self._model.predict({"question": data, "context": contexts}, endpoint)
            data = text_columns.listed(data, "question")
            contexts = [contexts] * len(data)
        return self._model.predict(text_columns.paired(data, contexts, "question", "context"), endpoint)

    def explain(self, row: str, context: str | None = None) -> "Explanation":
        """Draws what of the question the words around the answer attended to.

        Args:
            row: The question; without `context` also a tab and the context.
            context: The context.

        Returns:
            The explanation, which shows itself in a notebook; `write(folder)` writes it.
        """
        if context is None:
            return super().explain(row)
        if not (isinstance(row, str) and isinstance(context, str)):
            raise ValueError(f"Expected a question and a context, both texts. Received: {row!r:.80}, {context!r:.80}")
        return super().explain("\t".join([row.replace("\t", " "), context]))
