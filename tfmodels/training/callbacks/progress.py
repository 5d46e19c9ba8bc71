"""What a training prints while it runs."""

import time
from collections.abc import Sequence

import keras
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Column = tuple[str, int, str, str]  # title, width, key of the row, format

_LOSSES: tuple[Column, ...] = (  # `*` behind a line marks the best validation loss so far
    ("step", 8, "step", ",d"),
    ("epoch", 7, "epoch", ".2f"),
    ("loss", 7, "loss", ".4f"),
    ("train loss", 10, "train_loss", ".4f"),
    ("val loss", 8, "val_loss", ".4f"),
)
_STATE: tuple[Column, ...] = (("rate", 8, "learning_rate", ".1e"), ("norm", 6, "gradient_norm", ".2f"))


def interval_columns(scores: Sequence[Column], unit: str) -> tuple[Column, ...]:
    """What the line of an interval shows.

    Args:
        scores: Further scores of the validation.
        unit: What the speed is counted in, such as `tokens`.

    Returns:
        The columns.
    """
    title = f"{unit}/s"
    return *_LOSSES, *scores, *_STATE, (title, max(8, len(title)), f"{unit}_per_second", ",.0f")


class ProgressBar(keras.callbacks.Callback):
    """A bar with loss, speed and the time left; a line per interval where there is no terminal.

    Args:
        total_steps: Updates of the whole training.
        first_step: Updates done before.
        units_per_step: Real tokens, windows or the like of a mean batch.
        columns: What a line shows of its row.
        unit: What they are.
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
        self._step += 1
        rate = (self._step - self._first_step) * self._units_per_step / (time.monotonic() - self._started)
        description = f"loss {float(logs['loss']):.3f}  {rate:,.0f} {self._unit}/s"
        self._progress.update(self._task, completed=self._step, description=description)

    def show(self, row: dict) -> None:
        """Prints the line of an interval, or of another row, above the bar."""
        seconds_left = (self._total_steps - self._step) * (
            (time.monotonic() - self._started) / (self._step - self._first_step)
        )
        if not self._header_shown:
            self._print(" ".join(f"{title:>{width}}" for title, width, _, _ in self._columns) + "      left")
            self._header_shown = True
        values = (format(row[name], f"{width}{spec}") for _, width, name, spec in self._columns)
        self._print(f"{' '.join(values)} {_clock(seconds_left):>9}{' *' if row.get('best') else ''}")

    def _print(self, line: str) -> None:
        self._progress.console.print(line, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Leaves the terminal as it was, also after an error."""
        self._progress.stop()


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"
