"""Compares our LSTM layer with PyTorch's: forward, and forward and backward to weights and inputs, on the CPU.

The sides alternate, each in a separate process on the same cores; only the ratios of one call are comparable.
`compiled` is our layer with XLA. `products` is a lower bound for TensorFlow: the matrix products of an LSTM alone, a
loop over those of each step and one product for those of all steps.

    python tests/benchmarks/lstm_against_torch.py --sizes 64x96x32x128,256x96x512x512 --pairs 3
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from pipelines.benchmarks.lstm.lstm_size import Size

PASSES = ("forward", "training")
SIDES = ("ours", "compiled", "products", "pytorch")
WARM_UP_RUNS = 3


def ours(size: Size, xla: bool) -> dict[str, Callable[[], Any]]:
    """The passes of our layer."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as the command line sets it
    import tensorflow as tf

    from pipelines.benchmarks.lstm.lstm_times import passes
    from tfmodels import layers
    from tfmodels.training.devices.allocator import reuse_freed_memory

    reuse_freed_memory()  # as `fit` does
    return passes(
        layers.LSTM(size.units, return_sequences=True, xla=xla), tf.random.normal([size.batch, size.steps, size.inputs])
    )


def products(size: Size) -> dict[str, Callable[[], Any]]:
    """The matrix products of an LSTM in their order of dependency, without the rest of the cell."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    import tensorflow as tf

    rows, gates = size.batch * size.steps, 4 * size.units
    x, states, gradients = (tf.random.normal([rows, width]) for width in (size.inputs, size.units, gates))
    kernel, recurrent_kernel = (tf.random.normal([inputs, gates], stddev=0.01) for inputs in (size.inputs, size.units))

    def loop(start: tf.Tensor, advance: Callable[[tf.Tensor], tf.Tensor]) -> tf.Tensor:
        steps = tf.while_loop(lambda i, _: i < size.steps, lambda i, state: (i + 1, advance(state)), (0, start))
        return tf.reduce_sum(steps[1])

    @tf.function
    def forward() -> tf.Tensor:
        inputs = tf.matmul(x, kernel)
        return inputs[0, 0] + loop(states[: size.batch], lambda h: tf.matmul(h, recurrent_kernel)[:, : size.units])

    @tf.function
    def training() -> tf.Tensor:
        first = gradients[: size.batch]
        back = loop(first, lambda gates: first + tf.matmul(gates, recurrent_kernel, transpose_b=True)[:1, :1])
        of_weights = (tf.matmul(one, gradients, transpose_a=True)[0, 0] for one in (x, states))
        return forward() + back + sum(of_weights) + tf.matmul(gradients, kernel, transpose_b=True)[0, 0]

    return {"forward": forward, "training": training}


def pytorch(size: Size, threads: int) -> dict[str, Callable[[], Any]]:
    """The passes of `torch.nn.LSTM`."""
    import torch

    torch.set_num_threads(threads)
    layer = torch.nn.LSTM(size.inputs, size.units, batch_first=True)
    x = torch.randn(size.batch, size.steps, size.inputs, requires_grad=True)

    def forward() -> Any:
        with torch.no_grad():
            return layer(x)[0][-1, -1, -1]

    def training() -> Any:
        layer.zero_grad(set_to_none=True)
        x.grad = None
        layer(x)[0].sum().backward()
        return x.grad[0, 0, 0] if x.grad is not None else None

    return {"forward": forward, "training": training}


def milliseconds(run: Callable[[], float], runs: int) -> float:
    """The median time of the measured runs."""
    durations = []
    for _ in range(WARM_UP_RUNS + runs):
        start = time.perf_counter()
        float(run())
        durations.append(time.perf_counter() - start)
    return 1e3 * statistics.median(durations[WARM_UP_RUNS:])


def in_child(side: str, size: Size, runs: int) -> dict[str, float]:
    """Measures a side in a separate process."""
    command = [sys.executable, Path(__file__), "--side", side, "--sizes", str(size), "--runs", str(runs)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output.splitlines()[-1])


def compare(size: Size, pairs: int, runs: int) -> list[list[str]]:
    """Rows of the table, one for each side: medians of its times and PyTorch's, and of their ratios within a round."""
    measured = [{side: in_child(side, size, runs) for side in SIDES} for _ in range(pairs)]
    rows = []
    for side in SIDES[:-1]:
        cells = [str(size), side]
        for name in PASSES:
            mine, peer = ([sides[one][name] for sides in measured] for one in (side, "pytorch"))
            ratio = statistics.median(one / other for one, other in zip(mine, peer, strict=True))
            cells += [f"{statistics.median(mine):.1f}", f"{statistics.median(peer):.1f}", f"{ratio:.2f}"]
        rows.append(cells)
    return rows


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", default="64x96x32x128,256x96x512x512", help="batch x steps x inputs x units")
    parser.add_argument("--pairs", type=int, default=3, help="rounds, each with one process of every side")
    parser.add_argument("--runs", type=int, default=30, help="measured runs of each process")
    parser.add_argument("--cores", type=int, default=2, help="number of CPU cores of every side")
    parser.add_argument("--side", choices=SIDES, help="measure only this side, in this process")
    arguments = parser.parse_args()
    sizes = [Size.parse(text) for text in arguments.sizes.split(",")]
    if arguments.side:
        (size,) = sizes
        cores = len(os.sched_getaffinity(0))
        passes = {
            "ours": lambda: ours(size, xla=False),
            "compiled": lambda: ours(size, xla=True),
            "products": lambda: products(size),
            "pytorch": lambda: pytorch(size, cores),
        }[arguments.side]()
        print(json.dumps({name: milliseconds(passes[name], arguments.runs) for name in PASSES}))
        return
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.cores])  # child processes inherit it
    table = Table("size", "side")
    for name in ("forward", "forward and backward"):
        for column in (f"{name}, ms", "PyTorch, ms", "ratio"):
            table.add_column(column, justify="right")
    for size in sizes:
        for row in compare(size, arguments.pairs, arguments.runs):
            table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
