"""Progress of a training on the terminal."""

import time
from collections.abc import Sequence

import keras
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tfmodels.training.optimization.objective import Column

_LOSSES: tuple[Column, ...] = (  # `*` at the end of a line marks the lowest validation loss so far
    ("step", 8, "step", ",d"),
    ("epoch", 7, "epoch", ".2f"),
    ("loss", 7, "loss", ".4f"),
    ("train loss", 10, "train_loss", ".4f"),
    ("val loss", 8, "val_loss", ".4f"),
)
_STATE: tuple[Column, ...] = (("lr", 8, "learning_rate", ".1e"), ("grad norm", 9, "gradient_norm", ".2f"))


def evaluation_columns(scores: Sequence[Column], unit: str) -> tuple[Column, ...]:
    """Returns the columns of the line that each evaluation prints.

    Args:
        scores: Columns of further validation scores.
        unit: What speed is measured in, such as `tokens`.

    Returns:
        The columns.
    """
    title = f"{unit}/s"
    return *_LOSSES, *scores, *_STATE, (title, max(8, len(title)), f"{unit}_per_second", ",.0f")


class ProgressBar(keras.callbacks.Callback):
    """A progress bar with loss, speed and time left, and a line per evaluation; without a terminal only the lines.

    Args:
        total_steps: Updates of the whole training.
        first_step: Updates that were done before it was resumed.
        units_per_step: Mean number of units (such as tokens without padding) in a batch.
        columns: Columns of the lines.
        unit: Name of the units.
    """

    def __init__(
        self, total_steps: int, first_step: int, units_per_step: float, columns: Sequence[Column], unit: str = "tokens"
    ) -> None:
        super().__init__()
        self._console = Console()
        self._first_step = self._step = first_step
        self._units_per_step = units_per_step
        self._unit = unit
        self._columns = columns
        self._progress = Progress(
            TextColumn("step"),
            MofNCompleteColumn(),
            BarColumn(),
            TextColumn("{task.description}"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=self._console,
            disable=not self._console.is_terminal,
            speed_estimate_period=120,
        )
        self._task = self._progress.add_task("", total=total_steps, completed=first_step)
        self._total_steps = total_steps
        self._header_shown = False

    def on_train_begin(self, logs: dict | None = None) -> None:  # noqa: D102
        self._started = time.monotonic()
        self._progress.start()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:  # noqa: D102
        assert logs is not None  # Keras passes the results of the step
        self._step += 1
        rate = (self._step - self._first_step) * self._units_per_step / (time.monotonic() - self._started)
        description = f"loss {float(logs['loss']):.3f}  {rate:,.0f} {self._unit}/s"
        self._progress.update(self._task, completed=self._step, description=description)

    def show(self, row: dict) -> None:
        """Prints a row, such as that of an evaluation, above the bar."""
        seconds_left = (self._total_steps - self._step) * (
            (time.monotonic() - self._started) / (self._step - self._first_step)
        )
        if not self._header_shown:
            self._print(" ".join(f"{title:>{width}}" for title, width, _, _ in self._columns) + " time left")
            self._header_shown = True
        values = (format(row[name], f"{width}{spec}") for _, width, name, spec in self._columns)
        self._print(f"{' '.join(values)} {_clock(seconds_left):>9}{' *' if row.get('best') else ''}")

    def _print(self, line: str) -> None:
        if self._console.is_terminal:
            self._progress.console.print(line, highlight=False, soft_wrap=True)
        else:  # a notebook would show each line of the console in a box of its own
            print(line, flush=True)

    def close(self) -> None:
        """Ends the bar; to be called after an error, too."""
        self._progress.stop()


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"
