"""What can be measured: each subject is a verb of its own, in a module here."""

from pipelines.benchmarks.decoding import decode
from pipelines.benchmarks.lstm_layer import lstm
from pipelines.benchmarks.parallelism_sweeps import parallelism
from pipelines.benchmarks.serving import serve
from pipelines.benchmarks.training import train
from pipelines.cli import subcommands


def benchmark(arguments: list[str]) -> int | None:
    """Measure how fast something is: `tfmodels benchmark SUBJECT ...`."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_help())
        return None
    subject, *rest = arguments
    return subcommands.find("a subject", subject, _SUBJECTS)(rest)


_SUBJECTS: dict[str, subcommands.Verb] = {
    "train": train,
    "decode": decode,
    "lstm": lstm,
    "parallelism": parallelism,
    "serve": serve,
}


def _help() -> str:
    return "\n".join(
        [
            "usage: tfmodels benchmark SUBJECT ...",
            "\nMeasure how fast something is.",
            "\nsubjects (tfmodels benchmark SUBJECT --help tells more):",
            *subcommands.summaries(_SUBJECTS),
        ]
    )
