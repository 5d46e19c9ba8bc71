"""`tfmodels score`: log-probabilities of given targets."""

import math
import sys
from pathlib import Path

from pipelines.cli import subcommands, task_options
from pipelines.progress.quiet_import import stderr_held_back


def score(arguments: list[str]) -> None:
    """Compute the log-probabilities that a model assigns to given targets."""
    parser = subcommands.parser("score", score)
    parser.add_argument("model", metavar="RUN|EXPORT", help=subcommands.MODEL)
    parser.add_argument(
        "--input", metavar="PAIRS", required=True, help="File of lines `source<TAB>target`, plain or .gz."
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="Output file, lines `log-probability<TAB>tokens`: natural logarithm including the end token, number of "
        "tokens without it. Default: the terminal.",
    )
    options = parser.parse_args(arguments)

    from pipelines.sources.text import pair_files

    rows = [{"text": pair.source, "target": pair.target} for pair in pair_files.read_tabbed(options.input)]
    if not rows:
        raise ValueError(f"Expected lines `source<TAB>target`. Received: an empty file, {options.input}")
    predictor = task_options.model(options.model, [])
    with stderr_held_back():
        outputs = predictor.predict(rows, "score")
    lines = "".join(f"{output['score']:.6f}\t{output['length']}\n" for output in outputs)
    if options.output:
        Path(options.output).write_text(lines, encoding="utf-8")
        print(f"{len(outputs)} scores in {options.output}")
    else:
        print(lines, end="")
    total, tokens = (sum(output[name] for output in outputs) for name in ("score", "length"))
    mean = total / (tokens + len(outputs))
    print(
        f"log-probability {total:.4f}, {mean:.4f} per token (with end tokens), perplexity {math.exp(-mean):.4f}",
        file=sys.stdout if options.output else sys.stderr,  # redirected output has exactly one line for each pair
    )
