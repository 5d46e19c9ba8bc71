"""Compares trained translators by size, time to the same validation loss, training throughput and BLEU.

The runs must have the same data and subwords, or their losses per token are not comparable. The number of steps to a
loss is read from the history of a run. The time of a step is measured here, alternating between the runs on the same
cores, so that other load during their training has no effect. Scores are read from the reports; `tfmodels evaluate RUN
--split test` makes that of the test split.

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
    """A trained run and its training speed on this machine.

    Attributes:
        run: The run.
        tokens_per_second: Training throughput in source and target tokens.
        seconds_per_step: Time of a training step, without evaluations.
        parameters: Number of trainable parameters.
    """

    run: runs.Run
    tokens_per_second: float
    seconds_per_step: float
    parameters: int

    @property
    def curve(self) -> tuple[list[float], list[float]]:
        """Minutes of training at each evaluation, and the validation losses."""
        history = self.run.history
        return [row["step"] * self.seconds_per_step / 60 for row in history], [row["val_loss"] for row in history]

    def minutes_to(self, loss: float) -> float:
        """Minutes of training to the first evaluation with a validation loss of at most `loss`."""
        return next(minutes for minutes, reached in zip(*self.curve, strict=True) if reached <= loss)

    def score(self, split: str) -> float | None:
        """The primary metric on a split; None if it was not evaluated."""
        file = self.run.path / ("report.json" if split == "validation" else f"report.{split}.json")
        if not file.is_file():
            return None
        scored = report.read(file)
        return scored.metrics[scored.primary["metric"]]


def measure_training(names: list[str], steps: int, rounds: int) -> list[Trained]:
    """Measures the training throughput of each run once per round and returns the medians."""
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
    """Returns a row for each run; all runs reach the validation loss `loss`."""
    result = Table("run")
    columns = ("parameters", "tokens/s", f"minutes to loss {loss:.3f}", "total minutes", "best val loss")
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
    """Draws the validation losses by minutes of training, labelled with the names of the runs."""
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
    highest = max(
        one.curve[1][min(2, len(one.curve[1]) - 1)] for one in trained
    )  # without the first losses, which would flatten the curves
    axes.set(xlabel="minutes of training", ylabel="validation loss, nats per token", xlim=(0, None))
    axes.set_ylim(None, highest)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120, bbox_inches="tight")


def main() -> None:
    """Measures, prints the table and draws the figure."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("runs", nargs="+", metavar="RUN", help="run of translation, its folder or its name under runs/")
    parser.add_argument("--steps", type=int, default=60, help="training steps per measurement")
    parser.add_argument("--rounds", type=int, default=2, help="measurements of each run")
    parser.add_argument("--figure", type=Path, default=Path("families.png"))
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    trained = measure_training(arguments.runs, arguments.steps, arguments.rounds)
    loss = max(min(one.curve[1]) for one in trained)
    Console().print(table(trained, loss))
    draw(trained, loss, arguments.figure)
    print(f"Figure: {arguments.figure}")


if __name__ == "__main__":
    main()
