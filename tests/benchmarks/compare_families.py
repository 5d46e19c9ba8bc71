"""Compares trained translators: size, time to an equal validation loss, training rate, BLEU; one table, one picture.

The runs must share data and subwords, or their losses per token are of different tokens. What a run needs in steps is
read from its history; what a step costs is measured here, in turn on the same cores, so that what else the machine did
while the runs trained does not count. Scores are read from the reports (`tfmodels evaluate RUN --split test` makes that
of the test split).

    python tests/benchmarks/compare_families.py multi30k lstm-multi_head lstm-additive --steps 60 --rounds 2
"""

import argparse
import os
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

from paired_runs import measure
from rich.console import Console
from rich.table import Table

from pipelines import runs
from pipelines.runs import report

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Trained:
    """A finished run, and what it costs on this machine.

    Attributes:
        run: The run.
        tokens_per_second: Source and target tokens, in training.
        seconds_per_step: Of training alone, without validations.
        parameters: Number of trained numbers.
    """

    run: runs.Run
    tokens_per_second: float
    seconds_per_step: float
    parameters: int

    @property
    def curve(self) -> tuple[list[float], list[float]]:
        """Minutes of training, and the validation losses then."""
        history = self.run.history
        return [row["step"] * self.seconds_per_step / 60 for row in history], [row["val_loss"] for row in history]

    def minutes_to(self, loss: float) -> float:
        """Minutes of training to the first interval whose validation loss is at most `loss`."""
        return next(minutes for minutes, reached in zip(*self.curve, strict=True) if reached <= loss)

    def score(self, split: str) -> float | None:
        """The primary metric of a split; None if it was not evaluated."""
        file = self.run.path / ("report.json" if split == "validation" else f"report.{split}.json")
        if not file.is_file():
            return None
        scored = report.read(file)
        return scored.metrics[scored.primary["metric"]]


def train_for_a_while(names: list[str], steps: int, rounds: int) -> list[Trained]:
    """Measures each run's training rate `rounds` times, in turn, and takes the medians."""
    script = HERE / "our_training_rate.py"
    command = [sys.executable, script, "--steps", str(steps), "--run"]
    measured = [[measure([*command, name]) for name in names] for _ in range(rounds)]
    trained = []
    for name, results in zip(names, zip(*measured, strict=True), strict=True):
        rate = statistics.median(result["tokens_per_second"] for result in results)
        seconds = results[0]["tokens_per_step"] / rate
        trained.append(Trained(runs.load(name), rate, seconds, results[0]["parameters"]))
    return trained


def table(trained: list[Trained], loss: float) -> Table:
    """Returns one row for each run; `loss` is what all of them reach."""
    result = Table("run")
    columns = ("parameters", "tokens/s", f"minutes to loss {loss:.3f}", "minutes in all", "best val loss")
    for column in (*columns, "validation score", "test score"):
        result.add_column(column, justify="right")
    for one in trained:
        minutes, losses = one.curve
        scores = (one.score(split) for split in ("validation", "test"))
        result.add_row(
            one.run.name,
            f"{one.parameters:,}",
            f"{one.tokens_per_second:,.0f}",
            f"{one.minutes_to(loss):.1f}",
            f"{minutes[-1]:.1f}",
            f"{min(losses):.3f}",
            *("-" if score is None else f"{score:.2f}" for score in scores),
        )
    return result


def draw(trained: list[Trained], loss: float, path: Path) -> None:
    """Draws the validation losses over the minutes of training, named at their ends."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for one in trained:
        minutes, losses = one.curve
        (line,) = axes.plot(minutes, losses, marker=".", markersize=4)
        axes.annotate(
            one.run.name, (minutes[-1], losses[-1]), (5, 0), textcoords="offset points", va="center",
            color=line.get_color(),
        )  # fmt: skip
    axes.axhline(loss, color="black", linewidth=0.8, linestyle=":")
    axes.annotate(f"{loss:.3f}, reached by all", (0, loss), (2, -11), textcoords="offset points", fontsize=8)
    highest = max(one.curve[1][min(2, len(one.curve[1]) - 1)] for one in trained)  # the first losses flatten the rest
    axes.set(xlabel="minutes of training", ylabel="validation loss, nats per token", xlim=(0, None))
    axes.set_ylim(None, highest)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120, bbox_inches="tight")


def main() -> None:
    """Reads the command line, measures, prints the table, draws the picture."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("runs", nargs="+", metavar="RUN", help="a run of translation, or its name under runs/")
    parser.add_argument("--steps", type=int, default=60, help="training steps of a measurement")
    parser.add_argument("--rounds", type=int, default=2, help="measurements of each run")
    parser.add_argument("--picture", type=Path, default=Path("families.png"))
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    trained = train_for_a_while(arguments.runs, arguments.steps, arguments.rounds)
    loss = max(min(one.curve[1]) for one in trained)
    Console().print(table(trained, loss))
    draw(trained, loss, arguments.picture)
    print(f"The picture lies in {arguments.picture}.")


if __name__ == "__main__":
    main()
