"""`tfmodels benchmark`: benchmarks of speed and memory."""

from pipelines.benchmarks.decoding import decode
from pipelines.benchmarks.lstm.lstm_layer import lstm
from pipelines.benchmarks.parallelism_sweeps import parallelism
from pipelines.benchmarks.serving.serve import serve
from pipelines.benchmarks.training import train
from pipelines.cli import subcommands

_SUBJECTS: dict[str, subcommands.Subcommand] = {
    "train": train,
    "decode": decode,
    "lstm": lstm,
    "parallelism": parallelism,
    "serve": serve,
}


def benchmark(arguments: list[str]) -> int | None:
    """Measure speed and memory: `tfmodels benchmark SUBJECT ...`."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_help())
        return None
    subject, *rest = arguments
    return subcommands.find("a subject", subject, _SUBJECTS)(rest)


def _help() -> str:
    return "\n".join(
        [
            "usage: tfmodels benchmark SUBJECT ...",
            "\nMeasure speed and memory.",
            "\nsubjects (tfmodels benchmark SUBJECT --help lists the options):",
            *subcommands.summaries(_SUBJECTS),
        ]
    )
