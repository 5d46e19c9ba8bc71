"""Predictions with a run, an export or a servable model from Python."""

import itertools
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from pipelines import runs
from pipelines.runs import old_formats, registry, settings
from pipelines.runs.frames import frame_answers, frame_kinds
from pipelines.runs.rows import input_texts, output_columns
from pipelines.runs.rows.python_rows import Row, check_values, listed, text_name
from pipelines.runs.rows.request_rows import text_input
from pipelines.runs.rows.traced_signatures import TracedSignatures
from tfmodels import export, serving
from tfmodels.cores import usable_cores
from tfmodels.export.graph.signature import Signature, find_signature
from tfmodels.library_noise import held_back

if TYPE_CHECKING:
    from tfmodels.export import Endpoint
    from tfmodels.export.graph.field import Field

_Columns, _Outputs = Mapping[str, Sequence[Any]], dict[str, np.ndarray]
_DEFAULT = "serving_default"
_BATCH_SIZE = 64
_MAX_CONCURRENT_BATCHES = 8  # each has its own cache in memory


class Predictor:
    """Predicts outputs for rows; made by `load`.

    Args:
        card: `task`, the name of the model's task, and `columns`, the names of its inputs; a plain string is the value
            of the first.
        endpoints: Endpoint name -> signature.
        call: Takes an endpoint's name and its inputs by name, each `[batch, ...]`; returns arrays `[batch, ...]`. Must
            be thread-safe.
        note: What is not known of an export of an earlier version.

    Attributes:
        call: The same, for those who make batches themselves.

    Example:
        `load("translation").predict(["Good morning!"])[0]["text"]`
    """

    def __init__(
        self,
        card: Mapping[str, Any],
        endpoints: Mapping[str, Signature],
        call: Callable[..., dict[str, np.ndarray]],
        note: str = "",
    ) -> None:
        self.card = card
        self.endpoints = endpoints
        self.call = call
        self.note = note

    def predict(
        self,
        rows: Iterable[Row] | Any,
        endpoint: str = "serving_default",
        count: Callable[[int], None] = lambda rows: None,
    ) -> Any:
        """Predicts in batches of rows with similar text lengths, as many batches in parallel as there are cores.

        Args:
            rows: A row: a text, or a mapping with a value for each input of the endpoint, whose further keys are
                ignored; inputs that the card names a default of may be left out. An iterable of rows. A Series or an
                array of texts. A DataFrame, or a table of Arrow or polars, with a column for each input; for a
                forecaster a table such as that of training.
            endpoint: Name of the endpoint.
            count: Called after each batch with the number of its rows.

        Returns:
            The same kind. Of a row, output name -> text, number or list; of several a list of them, in order. Of a
            Series or an array the finished answers, labels or texts, under the same index. Of a table its columns and
            the answers, named as in the files of `tfmodels predict`; of a table of series their forecasts.

        Raises:
            ValueError: If there is no such endpoint, or an input of a row is missing or has a wrong type.

        Example:
            `load("saved_models/translation").predict([{"text": "Good morning!"}])`
        """
        signature = find_signature(self.endpoints, endpoint)
        if isinstance(rows, np.ndarray) and not rows.ndim:
            rows = rows.item()
        predict = partial(self._predictions, endpoint, signature, count)
        if frame_kinds.of(rows):
            return frame_answers.answer(rows, self.card, endpoint, signature.inputs, predict)
        return predict([rows])[0] if isinstance(rows, str | bytes | Mapping) else predict(rows)

    def __reduce__(self) -> NoReturn:
        raise TypeError("Expected a run or an export, which tfmodels.load opens. Received: a Predictor")

    def __repr__(self) -> str:
        return f"Predictor(task={self.card.get('task')!r}, endpoints={list(self.endpoints)})"

    def _repr_html_(self) -> str:
        from pipelines.runs.reports import report_html

        return report_html.of_predictor(self.card, list(self.endpoints))

    def _predictions(
        self, endpoint: str, signature: Signature, count: Callable[[int], None], rows: Iterable[Row]
    ) -> list[dict[str, Any]]:
        inputs = signature.inputs
        defaults = input_texts.defaults(self.card, inputs)
        named = [self._named(number, row, inputs, defaults) for number, row in enumerate(listed(rows), start=1)]
        predictions: list[dict[str, Any]] = [{} for _ in named]
        for batch, outputs in self._answered(endpoint, {name: [row[name] for row in named] for name in inputs}):
            for row, prediction in zip(batch, output_columns.rows(signature.ordered(outputs)), strict=True):
                predictions[row] = prediction
            count(len(batch))
        return predictions

    def predict_columns(self, inputs: _Columns, outputs: Sequence[str], endpoint: str = _DEFAULT) -> _Outputs:
        """As `predict`, for very many rows of which not all outputs are needed.

        Args:
            inputs: Input name -> a value for each row, at least one.
            outputs: Names of the outputs to keep, each of one shape for all rows.
            endpoint: The endpoint.

        Returns:
            Output name -> `[rows, ...]`, text as `bytes`.

        Raises:
            ValueError: If an output is missing, or its rows are of different shapes or not as many as those asked.

        Example:
            `predictor.predict_columns({"text": texts}, ["probabilities"])["probabilities"].argmax(axis=1)`
        """
        answered = self._answered(endpoint, inputs)
        return output_columns.joined(answered, outputs, len(next(iter(inputs.values()))))

    def _answered(self, endpoint: str, inputs: _Columns) -> Iterator[tuple[list[int], dict[str, np.ndarray]]]:
        """Batches of rows with similar text lengths, each the numbers of its rows and their outputs."""
        columns = list(inputs.values())
        order = sorted(range(len(columns[0])), key=lambda row: _length(column[row] for column in columns))
        batches = [order[start : start + _BATCH_SIZE] for start in range(0, len(order), _BATCH_SIZE)]

        def answer(batch: list[int]) -> dict[str, np.ndarray]:
            found = self.call(endpoint, **{name: [column[row] for row in batch] for name, column in inputs.items()})
            output_columns.check_rows(found, len(batch))
            return found

        # A batch is a sequence of small operations and keeps little more than one core busy.
        pool = ThreadPoolExecutor(min(usable_cores(), _MAX_CONCURRENT_BATCHES))
        try:
            answers = zip(batches, pool.map(answer, batches), strict=True)
            with held_back():  # libraries in the graph, such as SentencePiece, tell how they were loaded
                first = list(itertools.islice(answers, 1))
            yield from itertools.chain(first, answers)
        finally:  # after Ctrl-C a model that never answers is not waited for
            pool.shutdown(wait=False, cancel_futures=True)

    def _named(
        self, number: int, row: Row, inputs: "Mapping[str, Field]", defaults: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        row = {text_name(self.card["columns"][0], inputs): row} if isinstance(row, str | bytes) else row
        check_values(number, values := {**defaults, **row}, inputs)
        return values


def load(run_or_export: str | Path, *, task: str = "", allow_code: bool = False, **options: Any) -> Predictor:
    """Loads a trained model for predictions.

    The code of a task of your own is needed for its runs alone, and is run only if you name it: see `runs.load`.

    Args:
        run_or_export: A run (its folder, or its name under `runs/`), or an export (a version folder, or a folder of
            versions, of which the newest is loaded).
        task: The task of a run, if it is one of your own; an export needs none.
        allow_code: Whether to run the code of whatever task a run names.
        **options: Options of the run's task that do not affect training, such as `decoding={"beam_size": 8}`.

    Returns:
        The model.

    Raises:
        FileNotFoundError: If there is no such run or export.
        ValueError: If options are given for an export, whose options are fixed, or affect training; or a run is of a
            task that is neither of this package nor named.

    Example:
        `load("saved_models/translation").predict(["Good morning!"])`
    """
    if runs.locate(run_or_export) is None and Path(run_or_export).is_dir():
        if options:
            raise ValueError(
                "Expected no options for an export: use a run, or the export's endpoint `with_options`, which takes "
                f"some of them for each row. Received: {', '.join(options)}"
            )
        loaded = export.load(run_or_export)
        card = old_formats.card(loaded.card)
        columns = card.get("columns") or None  # not an empty list either
        if "task" not in card or not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
            raise ValueError(
                f"Expected an export whose card has a `task` and a list `columns`. Received: {loaded.path} with "
                f"task={card.get('task')!r}, columns={columns!r}"
            )
        return Predictor(card, loaded.endpoints, loaded.call, loaded.note)
    try:
        run = runs.load(run_or_export, task, allow_code)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{error}. It is not the folder of an export either.") from None
    return of_run(replace(run, config=settings.replaced(run.config, options)))


def of_run(run: runs.Run) -> Predictor:
    """Makes the predictor of a run.

    Args:
        run: The run.

    Returns:
        The model.

    Example:
        `of_run(runs.load("translation")).predict(["Good morning!"])`
    """
    with held_back():
        servable = registry.find(run.task).endpoints(run.config, run)
        return in_memory(servable.endpoints, servable.card)


def to_score(run: runs.Run, endpoints: "Sequence[Endpoint]") -> Predictor:
    """What answers when a run is scored: the endpoints that its export has, or the export scored in its place.

    Args:
        run: The run.
        endpoints: Its endpoints.

    Returns:
        The model. What it answers is what a server answers.

    Example:
        `to_score(run, seq2seq.endpoints(generator)).predict_columns({"text": sources}, ["text"])`
    """
    return run.served or in_memory(endpoints, {"task": run.task})


@contextmanager
def connect(url: str, **access: Any) -> Generator[Predictor]:
    """Connects to a model on TensorFlow Serving or the development server.

    Args:
        url: URL of the model, such as `http://localhost:8501/v1/models/demo` or `grpc://localhost:8500/v1/models/demo`.
        **access: `timeout`, `headers` and `ca_file` of `tfmodels.serving.Client`.

    Raises:
        ValueError: If the URL is wrong.
        ServingError: If the server cannot be reached or reports an error.

    Example:
        `with connect("http://localhost:8501/v1/models/demo") as model: model.predict(["Good morning!"])`
    """
    with serving.Client(url, **access) as client:
        endpoints = client.endpoints()
        # A server does not return the card, so a plain string is the value of the first input that takes text.
        inputs = endpoints.get("serving_default", Signature({}, {})).inputs
        yield Predictor({"columns": [text_input(inputs) or min(inputs, default="")]}, endpoints, client.predict)


def in_memory(endpoints: "Sequence[Endpoint]", card: Mapping[str, Any]) -> Predictor:
    """Makes a predictor that calls endpoints directly, without a SavedModel.

    Args:
        endpoints: The endpoints.
        card: See `Predictor`.

    Example:
        `in_memory(classifier.endpoints(), {"columns": ["text"]}).predict(["A fine film."])`
    """
    import tensorflow as tf  # exports do not need it

    by_name = {endpoint.name: endpoint for endpoint in endpoints}
    signatures = TracedSignatures(by_name)

    def call(endpoint: str, /, **arrays: Sequence[Any]) -> dict[str, np.ndarray]:
        signature = signatures[endpoint]
        feed = signature.feed(arrays)
        tensors = {name: tf.constant(array, signature.inputs[name].dtype) for name, array in feed.items()}
        return {name: tensor.numpy() for name, tensor in by_name[endpoint].traced(**tensors).items()}

    return Predictor(card, signatures, call)


def _length(values: Iterable[Any]) -> int:
    """The total length of the texts among a row's values."""
    return sum(len(value) for value in values if isinstance(value, str | bytes))
