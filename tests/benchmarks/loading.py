"""Seconds to save and to load an export of six endpoints: of a small translator, or of one with 74 million parameters.

    python tests/benchmarks/loading.py [--large] [--endpoints serving_default ...]

The networks have random weights, the subwords are learnt from synthetic lines. Each step of `export.save` is timed by
itself, in wall-clock and in processor seconds, since others may use the machine. Then the files are compared with their
digests, the export is loaded, and each endpoint answers its first request, as `tfmodels predict` asks it. The first run
of an endpoint in a session, at which TensorFlow optimises its graph as on a server, is part of the checks.
"""

import argparse
import functools
import tempfile
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import tensorflow as tf
from rich.console import Console
from rich.table import Table

from pipelines.seq2seq import endpoints
from pipelines.seq2seq.config import DecodingOptions
from pipelines.seq2seq.generator import Generator
from tfmodels import export, models, preprocessing
from tfmodels.export import digests, saving
from tfmodels.export.runners.caching_runner import CachingRunner

SIZES = {"small": (2, 96, 192), "74 million": (6, 656, 2688)}  # layers, width, feed-forward width
STEPS = ("_write", "_describe", "CachingRunner", "write_warmup", "_check", "check_parity", "write_digests", "publish")
TEXTS = ["one", "one two three", "a text of a few more words"]


class Clock:
    """Wall-clock and processor seconds by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, whose seconds are added up under a name."""

        @functools.wraps(function)
        def call(*arguments: Any, **named: Any) -> Any:
            start, used = time.perf_counter(), time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                sums = self.seconds.setdefault(name, [0.0, 0.0])
                sums[0] += time.perf_counter() - start
                sums[1] += time.process_time() - used

        return call

    def first_runs(self, runner: type, name: str) -> Callable[..., Any]:
        """`runner.run`, whose first run of each endpoint is added up under a name."""
        run, seen = runner.run, set()

        def first_or_later(session: Any, endpoint: str, *arguments: Any, **named: Any) -> Any:
            function = run if endpoint in seen else self.timed(name, run)
            seen.add(endpoint)
            return function(session, endpoint, *arguments, **named)

        return first_or_later


def generator(size: str, folder: Path) -> Generator:
    """A translator with random weights."""
    layers, width, inner = SIZES[size]
    words = (f"row {number} of {7 * number}, text {number % 97}" for number in range(3000))
    model = folder / "subwords.model"
    preprocessing.train_subwords(words, model, 500)
    options = models.TransformerOptions(num_layers=layers, d_model=width, num_heads=8, feed_forward_dim=inner)
    subwords = preprocessing.Subwords(model.read_bytes())
    network = models.TransformerSeq2Seq(subwords.size, options)
    network.build()
    return Generator(network, subwords, 64, 32, DecodingOptions())


def measure(size: str, names: Collection[str]) -> tuple[Clock, int, float]:
    """Saves and loads an export with these endpoints; without names with all."""
    clock = Clock()
    with tempfile.TemporaryDirectory() as work:
        made = generator(size, Path(work))
        given = [endpoint for endpoint in endpoints.endpoints(made) if not names or endpoint.name in names]
        samples = endpoints.samples(made, [*TEXTS, *export.hard_texts()])
        samples = {endpoint.name: samples[endpoint.name] for endpoint in given}
        clock.timed("trace", lambda: [endpoint.traced for endpoint in given])()
        kept = {name: getattr(saving, name) for name in STEPS}
        for name, function in kept.items():
            setattr(saving, name, clock.timed(name, function))
        run, CachingRunner.run = CachingRunner.run, clock.first_runs(CachingRunner, "of these: first runs")
        try:
            save = functools.partial(export.save, card={"task": "translation", "columns": ["text"]})
            tracked = [made.network, made.subwords]
            version = clock.timed("save, all", save)(Path(work) / "made", given, tracked, samples)
        finally:
            CachingRunner.run = run
            for name, function in kept.items():
                setattr(saving, name, function)
        clock.timed("digests compared", digests.check_digests)(version)
        loaded = clock.timed("load", export.load)(version)
        for name, sample in samples.items():
            rows = {field: values[:1] for field, values in sample.items()}
            clock.timed("first requests", loaded.call)(name, **rows)
        total = sum(path.stat().st_size for path in version.rglob("*") if path.is_file())
        return clock, made.network.count_params(), total / 2**20


def main() -> None:
    """Measures and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--large", action="store_true", help="measure the large one, too")
    parser.add_argument(
        "--endpoints",
        nargs="+",
        default=[],
        help="Endpoints to export. Default: all six, of which the large one takes long.",
    )
    arguments = parser.parse_args()
    tf.random.set_seed(1)
    for size in SIZES if arguments.large else ["small"]:
        clock, parameters, megabytes = measure(size, arguments.endpoints)
        count = len(arguments.endpoints) or "six"
        title = f"{parameters:,} parameters, {megabytes:.0f} MiB, {count} endpoints"
        table = Table("step", "seconds", "processor", title=title)
        for name, (seconds, used) in clock.seconds.items():
            table.add_row(name, f"{seconds:.2f}", f"{used:.2f}")
        Console().print(table)


if __name__ == "__main__":
    main()
