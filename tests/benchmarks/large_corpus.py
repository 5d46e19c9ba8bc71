"""Preparation of a large corpus of synthetic sentence pairs, without and with the data cache, and reading of batches.

    python tests/benchmarks/large_corpus.py --lines 10_000_000 --folder /tmp

The first process checks the files, trains the subwords and writes the data cache; the second prepares another run on
the same files. The corpus (about 0.7 GB for ten million lines) and the runs are in a temporary folder, which is deleted
at the end.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

SUBWORDS, MAX_LENGTH, BATCH_TOKENS = 8_000, 64, 4_096
WORDS, SHORTEST, LONGEST = 30_000, 4, 8  # different words of a language; words per sentence
HELD_OUT = 1_000  # lines of validation and of test
BATCHES = 2_000  # read to measure the input pipeline alone
CHUNK = 100_000  # lines generated at a time
SYLLABLES = [a + b + c for a in "bdfghklmnprstvwz" for b in "aeiou" for c in ("", "l", "n", "r", "s", "t")]


def make_corpus(folder: Path, lines: int) -> None:
    """Writes `train`, `val` and `test` in two languages, with random words of Zipfian frequency."""
    draw = np.random.default_rng(1)
    for language in ("aa", "bb"):
        parts = draw.choice(SYLLABLES, [WORDS, 4])
        words = np.array(["".join(row[:count]) for row, count in zip(parts, draw.integers(1, 5, WORDS), strict=True)])
        frequency = np.cumsum(1 / np.arange(1, WORDS + 1))
        for split, count in (("train", lines), ("val", HELD_OUT), ("test", HELD_OUT)):
            with Path(folder, f"{split}.{language}").open("w") as file:
                for start in range(0, count, CHUNK):
                    file.writelines(_sentences(draw, words, frequency / frequency[-1], min(CHUNK, count - start)))


def _sentences(draw: np.random.Generator, words: np.ndarray, shares: np.ndarray, count: int) -> Iterator[str]:
    lengths = draw.integers(SHORTEST, LONGEST + 1, count)
    drawn = words[np.searchsorted(shares, draw.random(lengths.sum()))].tolist()
    ends = np.cumsum(lengths)
    return (
        f"{' '.join(drawn[start:end])}\n" for start, end in zip((ends - lengths).tolist(), ends.tolist(), strict=True)
    )


def first_pass(folder: Path) -> dict[str, float]:
    """Prepares a run as `fit` does; returns the seconds of each part, and the bytes of the data cache."""
    from pipelines.sources.text import pair_survey
    from tfmodels import preprocessing, training

    seconds = {"check": 0.0, "subwords": 0.0, "tokenise": 0.0}
    pair_survey.make = _timed(pair_survey.make, seconds, "check")
    preprocessing.train_subwords = _timed(preprocessing.train_subwords, seconds, "subwords")
    training.TokenRows.write = _timed(training.TokenRows.write, seconds, "tokenise")
    start = time.perf_counter()
    _prepare(folder, "first")
    cache = sum(path.stat().st_size for path in Path("runs/.index").rglob("*") if path.is_file())
    return {**seconds, "first": time.perf_counter() - start, "cache": cache, "first peak": _peak()}


def second_pass(folder: Path) -> dict[str, float]:
    """Prepares another run on the same files and reads batches; returns times, memory and throughput."""
    from tfmodels import training
    from tfmodels.training.data.batch_plan import BatchPlan

    before, start = _peak(), time.perf_counter()
    config, run = _prepare(folder, "second")
    prepared = time.perf_counter() - start
    batches = _batches(config, run)
    next(iter(batches.dataset().take(1)))
    found = {"prepared": prepared, "first batch": time.perf_counter() - start, "peak": _peak() - before}

    lengths = training.TokenRows(run.assets / "train").lengths
    start = time.perf_counter()
    BatchPlan(lengths["source"], lengths["target"], BATCH_TOKENS, seed=2).epoch(0)
    found["plan"] = time.perf_counter() - start

    steps = min(BATCHES, batches.steps_per_epoch)
    tokens, start = batches.tokens(steps), time.perf_counter()
    for _ in batches.dataset().take(steps):
        pass
    return {**found, "tokens per second": tokens / (time.perf_counter() - start), "steps": batches.steps_per_epoch}


def _prepare(folder: Path, name: str) -> tuple[Any, Any]:
    from pipelines import runs
    from pipelines.translation import task as translation

    limits = {"max_source_length": MAX_LENGTH, "max_target_length": MAX_LENGTH}
    config = translation.Config(data=str(folder), source="aa", target="bb", vocabulary_size=SUBWORDS, **limits)
    run = runs.create("translation", config, name)
    translation.prepare(config, run)
    return config, run


def _batches(config: Any, run: Any) -> Any:
    from pipelines.seq2seq import data
    from tfmodels import training

    rows = training.TokenRows(run.assets / "train")
    return training.TokenBatches(rows, BATCH_TOKENS, 1, config.training.seed, data.teacher_forced)


def _timed(function: Callable, seconds: dict[str, float], part: str) -> Callable:
    def timed(*arguments: Any) -> Any:
        start = time.perf_counter()
        result = function(*arguments)
        seconds[part] += time.perf_counter() - start
        return result

    return timed


def _peak() -> int:
    from tfmodels.training.devices.memory import peak_memory

    return peak_memory()


PASSES = {"first": first_pass, "second": second_pass}


def main() -> None:
    """Makes the corpus, runs both processes and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lines", type=int, default=1_000_000, help="sentence pairs of the training split")
    parser.add_argument("--folder", help="parent of the temporary folder")
    parser.add_argument("--one", choices=PASSES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if arguments.one:
        import tensorflow_text  # noqa: F401 - before the measurement

        print(json.dumps(PASSES[arguments.one](Path(arguments.folder))))
        return
    with tempfile.TemporaryDirectory(dir=arguments.folder) as work:
        texts = Path(work, "texts")
        texts.mkdir()
        make_corpus(texts, arguments.lines)
        found = {}
        for name in PASSES:
            command = [sys.executable, str(Path(__file__).resolve()), "--one", name, "--folder", str(texts)]
            child = subprocess.Popen(command, cwd=work, stdout=subprocess.PIPE, text=True)
            line = ""
            for line in child.stdout or ():
                print(line, end="", file=sys.stderr, flush=True)
            if child.wait():
                sys.exit(child.returncode)
            found |= json.loads(line)
        size = sum(path.stat().st_size for path in texts.iterdir())
    table = Table("quantity", "value", title=f"{arguments.lines:,} lines of {SHORTEST} to {LONGEST} words")
    for name, value in (
        ("text", f"{size / 1e6:,.0f} MB"),
        ("first process: check of the files", f"{found['check']:,.1f} s"),
        ("first process: subwords", f"{found['subwords']:,.1f} s"),
        ("first process: tokenisation", f"{found['tokenise']:,.1f} s"),
        ("first process: whole preparation", f"{found['first']:,.1f} s"),
        ("first process: peak memory", f"{found['first peak'] / 2**20:,.0f} MiB"),
        ("data cache", f"{found['cache'] / 1e6:,.0f} MB"),
        ("second process: preparation", f"{found['prepared']:,.2f} s"),
        ("second process: preparation and first batch", f"{found['first batch']:,.2f} s"),
        ("second process: additional peak memory", f"{found['peak'] / 2**20:,.0f} MiB"),
        ("new batch plan, boundaries and epoch", f"{found['plan']:,.2f} s"),
        ("batches per epoch", f"{found['steps']:,}"),
        ("input pipeline alone", f"{found['tokens per second']:,.0f} tokens/s"),
    ):
        table.add_row(name, value)
    Console().print(table)


if __name__ == "__main__":
    main()
