"""Recommendation as a class, for Python and notebooks: events in, items with scores out."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pipelines.runs.frames import frame_kinds
from pipelines.runs.frames.task_model import TaskModel
from pipelines.sources.events import event_columns

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.runs.explanation import Explanation


class Recommender(TaskModel):
    """Recommends the next items from the last ones that somebody had: trained on a table of events.

    Args:
        run: Name of the run, a folder under `runs/`. Default: `recommendation`.
        config: File or name of a recipe, such as `beauty`, whose options the others replace.
        **options: Options of `tfmodels fit recommendation`; those of a group as a dict: `answers={"k": 20}`.

    Attributes:
        run_: The run, once it is trained.

    Raises:
        ValueError: An option is unknown; names the nearest one.

    Example:
        ```python
        recommender = tfmodels.Recommender(run="films").fit(ratings)
        recommender.predict(ratings)  # a frame: user, rank, item, score
        recommender.predict([["film 3", "film 4"], ["film 7"]])
        recommender.explain(["film 3", "film 4"])
        ```
    """

    _task = "recommendation"

    def fit(self, data: Any = None, item_table: Any = None, user_table: Any = None, *, overwrite: bool = False) -> Self:
        """Trains, or opens at once what was trained with the same options on the same data.

        Args:
            data: A DataFrame, or a table of Arrow or polars, with a row for each event: columns of the user or session,
                the item and the time; or a path, or what `--data` takes. Default: the option `data`.
            item_table: The same of what is known of items, a row for each. Default: the option `item_table`.
            user_table: The same of users.
            overwrite: Whether to replace a run of that name with other options or other data.

        Returns:
            The object.

        Raises:
            ValueError: The run has other options or other data, or the data is wrong.
        """
        tables = {"item_table": item_table, "user_table": user_table}
        given = {name: self._named(table) for name, table in tables.items() if table is not None}
        self._train(data, self.options | given, overwrite)
        return self

    def predict(self, data: Any, user_table: Any = None) -> "pd.DataFrame":
        """What is recommended to each user, known to the training or not.

        Args:
            data: Events, as of `fit`, whose users are answered at the time of the latest event; or the items that
                somebody had, the newest last; or a list of such lists. An empty list gets the most popular items.
            user_table: Of events, what is known of their users, as of `fit`. Default: the events have its columns.

        Returns:
            A frame with a row for each user and item, the best first: `user` (of lists their places, from 0 on), `rank`
            from 1 on, `item` and `score`, its probability among the items that are not left out. Ids are texts.

        Raises:
            ValueError: It is not trained, or the data is wrong, by row.
        """
        from pipelines.recommendation import prediction_files
        from pipelines.recommendation.packed_histories import padded

        if isinstance(data, str | Path) or frame_kinds.of(data) in ("frame", "arrow"):
            table = "" if user_table is None else self._named(user_table)
            rows = prediction_files.read_requests(Path(self._named(data)), self._model.card, table)
            _say_unknown([item for row in rows for item in row["items"]], self._known)
            return self._answers("user", rows.users, rows)
        if user_table is not None:
            raise ValueError("Expected events with users, for user_table. Received: items without users")
        histories, context = _histories(data), self._model.card["context"]
        _say_unknown([item for one in histories for item in one], self._known)
        return self._answers(
            "user", range(len(histories)), [{"items": padded(one[-context:], context)} for one in histories]
        )

    def similar(self, items: Iterable[str]) -> "pd.DataFrame":
        """The neighbours of items.

        Args:
            items: Items.

        Returns:
            A frame with a row for each item and neighbour, the nearest first: `item`, `rank`, `neighbour`, and `score`,
            the cosine of their vectors. Items that the model has not have none, which is said.

        Raises:
            ValueError: It is not trained, or an item is no text.
        """
        wanted = _texts(items)
        _say_unknown(wanted, self._known)
        return self._answers("item", wanted, [{"item": one} for one in wanted], "neighbour", "similar")

    def explain(self, row: str | Sequence[str]) -> "Explanation":
        """Draws what each item of a history contributed to the first item of the answer.

        Args:
            row: The items, the newest last: a list, or a text with one in each line.

        Returns:
            The explanation, which shows itself in a notebook; `write(folder)` writes it.

        Raises:
            ValueError: It is not trained, or there is no item.
        """
        if isinstance(row, str):
            return super().explain(row)
        items = _texts(row)
        if broken := [item for item in items if "\n" in item]:
            raise ValueError(
                f"Expected items without line breaks, which stand between them. Received: {broken[0]!r:.80}"
            )
        return super().explain("\n".join(items))

    def _answers(
        self, of: str, names: Sequence[Any], rows: list[Any], item: str = "item", endpoint: str = "serving_default"
    ) -> "pd.DataFrame":
        import pandas as pd

        from pipelines.recommendation import prediction_files

        outputs = self._model.predict(list(rows), endpoint) if rows else []
        return pd.DataFrame(prediction_files.ranked(names, outputs), columns=[of, "rank", item, "score"])

    @property
    def _known(self) -> list[str]:
        from pipelines.recommendation import data

        return data.catalogue(self._fitted)


def _histories(data: Any) -> list[list[str]]:
    """Lists of items: one list of texts is one history."""
    if not isinstance(data, Iterable) or isinstance(data, bytes | dict):
        raise ValueError(
            f"Expected a frame of events, a list of items, or a list of such lists. Received: {data!r:.80}"
        )
    rows = list(data)
    if all(isinstance(one, str) for one in rows):
        return [_texts(rows)]
    return [_texts(one) for one in rows]


def _texts(items: Any) -> list[str]:
    """Items as texts; a number is refused, since `7`, `07` and `7.0` are three items."""
    if isinstance(items, str | bytes | dict) or not isinstance(items, Iterable):
        raise ValueError(f"Expected a list of items. Received: {items!r:.80}")
    found = list(items)
    for place, item in enumerate(found):
        if not isinstance(item, str):
            raise ValueError(
                f"Expected items as texts, such as '7'. Received: {item!r:.80} of type {type(item).__name__}, "
                f"number {place} of a list"
            )
    return [str(item) for item in found]


def _say_unknown(items: list[str], known: list[str]) -> None:
    """Says how many of the items that are asked about the model has not."""
    wanted = {item for item in items if item}
    unknown = sorted(wanted.difference(known))
    if unknown:
        print(
            f"warning: the model has not {len(unknown):,} of {len(wanted):,} items, such as {unknown[0]!r:.80}; "
            f"they are skipped{event_columns.float_hint(unknown[0])}",
            file=sys.stderr,
        )
