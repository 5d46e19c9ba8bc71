"""Asking a trained model from Python: rows in, rows out, whether it lies in a run or in an export."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines import runs
from pipelines.runs import old_formats, registry, settings
from pipelines.runs.python_rows import Row, listed
from pipelines.runs.request_rows import text_input
from pipelines.runs.servable import Servable
from tfmodels import export, serving
from tfmodels.cores import usable_cores
from tfmodels.export.graph.signature import Signature, find_signature

if TYPE_CHECKING:
    from tfmodels.export import Endpoint

_ROWS = 64  # of one batch
_BATCHES = 8  # at once at most: each has a cache of its own


class Predictor:
    """Answers rows. `load` makes one.

    Args:
        card: `task`, the name of the task that made the model, and `columns`, the inputs that a plain string row fills
            (its first).
        endpoints: Endpoint name -> signature.
        call: Takes an endpoint's name and its inputs by name, each `[batch, ...]`; returns arrays `[batch, ...]`. Is
            called from several threads at once.

    Example:
        `load("translation").predict(["Good morning!"])[0]["text"]`
    """

    def __init__(
        self, card: Mapping[str, Any], endpoints: Mapping[str, Signature], call: Callable[..., dict[str, np.ndarray]]
    ) -> None:
        self.card = card
        self.endpoints = endpoints
        self._call = call

    def predict(
        self,
        rows: Iterable[Row] | Any,
        endpoint: str = "serving_default",
        count: Callable[[int], None] = lambda rows: None,
    ) -> list[dict[str, Any]]:
        """Answers rows in batches, texts beside others of like length, and as many batches at once as there are cores.

        Args:
            rows: Texts, or mappings with a value for each input of the endpoint, whose further keys are ignored; any
                iterable of them, or a pandas DataFrame with a column for each input.
            endpoint: The endpoint's name.
            count: Called after each batch with the number of its rows.

        Returns:
            For each row, in their order, output name -> text, number or list.

        Raises:
            ValueError: If there is no such endpoint, or a row lacks an input or has one of a wrong type.

        Example:
            `load("saved_models/translation").predict([{"text": "Good morning!"}])`
        """
        inputs = find_signature(self.endpoints, endpoint).inputs
        named = [self._named(number, row, list(inputs)) for number, row in enumerate(listed(rows), start=1)]
        order = sorted(range(len(named)), key=lambda row: _length(named[row][name] for name in inputs))
        batches = [order[start : start + _ROWS] for start in range(0, len(order), _ROWS)]

        def answered(batch: list[int]) -> dict[str, np.ndarray]:
            return self._call(endpoint, **{name: [named[row][name] for row in batch] for name in inputs})

        answers: list[dict[str, Any]] = [{} for _ in named]
        # A batch is a row of small operations, which keeps little more than one core busy.
        with ThreadPoolExecutor(min(usable_cores(), _BATCHES)) as pool:
            for batch, outputs in zip(batches, pool.map(answered, batches), strict=True):
                for row, answer in zip(batch, _answers(outputs), strict=True):
                    answers[row] = answer
                count(len(batch))
        return answers

    def _named(self, number: int, row: Row, inputs: list[str]) -> Mapping[str, Any]:
        values = {self.card["columns"][0]: row} if isinstance(row, str | bytes) else row
        if missing := [name for name in inputs if name not in values]:
            raise ValueError(f"Expected rows with the inputs {inputs}. Received: row {number} without {missing}")
        return values


def load(run_or_export: str | Path, **options: Any) -> Predictor:
    """Loads a trained model to ask it.

    Args:
        run_or_export: A run (its folder, or its name under `runs/`), or an export (a version folder, or a folder of
            versions: then the newest is taken).
        **options: Options of the run's task that are no part of the training, such as `decoding={"beam_size": 8}`.

    Returns:
        The model, ready to answer.

    Raises:
        FileNotFoundError: There is neither.
        ValueError: Options are given for an export, which has them fixed, or are part of the training.

    Example:
        `load("saved_models/translation").predict(["Good morning!"])`
    """
    if runs.locate(run_or_export) is None and Path(run_or_export).is_dir():
        if options:
            raise ValueError(
                f"Expected no options for an export: its endpoint `with_options` takes some for each row, a run takes "
                f"all. Received: {', '.join(options)}"
            )
        loaded = export.load(run_or_export)
        return Predictor(old_formats.card(loaded.card), loaded.endpoints, loaded.call)
    try:
        run = runs.load(run_or_export)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{error} Nor is it the folder of an export.") from None
    return of_run(replace(run, config=settings.replaced(run.config, options)))


def of_run(run: runs.Run) -> Predictor:
    """Makes the predictor of a run.

    Args:
        run: The run.

    Returns:
        The model, ready to answer.

    Example:
        `of_run(runs.load("translation")).predict(["Good morning!"])`
    """
    return _in_memory(registry.find(run.task).endpoints(run.config, run))


@contextmanager
def connect(url: str) -> Generator[Predictor]:
    """Asks a model on a server, TensorFlow Serving's or the development server's.

    Args:
        url: Such as `http://localhost:8501/v1/models/demo` or `grpc://localhost:8500/v1/models/demo`.

    Raises:
        ValueError: If the URL is wrong.
        ServingError: If the server does not answer.

    Example:
        ```python
        with connect("http://localhost:8501/v1/models/demo") as model:
            model.predict(["Good morning!"])
        ```
    """
    with serving.Client(url) as client:
        endpoints = client.endpoints()
        # The card stays with the export: a plain string fills the first input that takes text.
        inputs = endpoints.get("serving_default", Signature({}, {})).inputs
        yield Predictor({"columns": [text_input(inputs) or min(inputs, default="")]}, endpoints, client.predict)


def _in_memory(served: Servable) -> Predictor:
    """The endpoints as they are, without a SavedModel in between."""
    import tensorflow as tf  # which an export is asked without

    endpoints = {endpoint.name: endpoint for endpoint in served.endpoints}
    signatures = _Signatures(endpoints)

    def call(endpoint: str, /, **arrays: Sequence[Any]) -> dict[str, np.ndarray]:
        signature = signatures[endpoint]
        feed = signature.feed(arrays)
        tensors = {name: tf.constant(array, signature.inputs[name].dtype) for name, array in feed.items()}
        return {name: tensor.numpy() for name, tensor in endpoints[endpoint].traced(**tensors).items()}

    return Predictor(served.card, signatures, call)


class _Signatures(Mapping[str, Signature]):
    """Those of endpoints in memory, each traced when it is first looked up: one may take as long as all the rest."""

    def __init__(self, endpoints: "Mapping[str, Endpoint]") -> None:
        self._endpoints = endpoints

    def __getitem__(self, name: str) -> Signature:
        from tfmodels.export.graph.meta_graph import field

        endpoint = self._endpoints[name]
        outputs = endpoint.traced.structured_outputs
        return Signature(
            {spec.name: field(spec.name, spec.dtype, spec.shape) for spec in endpoint.inputs},
            {output: field(output, tensor.dtype, tensor.shape) for output, tensor in outputs.items()},
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._endpoints)

    def __len__(self) -> int:
        return len(self._endpoints)


def _length(values: Iterable[Any]) -> int:
    """Of the texts among a row's values."""
    return sum(len(value) for value in values if isinstance(value, str | bytes))


def _answers(outputs: Mapping[str, np.ndarray]) -> Iterator[dict[str, Any]]:
    """The rows of a batch of outputs."""
    columns = [_plain(array.tolist()) for array in outputs.values()]
    for values in zip(*columns, strict=True):
        yield dict(zip(outputs, values, strict=True))


def _plain(value: Any) -> Any:
    """Text as `str`, however deep it lies."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
