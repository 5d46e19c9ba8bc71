"""The lowest error of a linear map from history to horizon on the validation split of ETTh1, by ridge regression.

One map for all series from the centred history to the centred horizon: the least-squares solution with a penalty on
the squared weights. It is a bound for training the model `linear` of the recipe `etth1`, whose separate map of the
trend can be represented by a single map. The test split is not used.

    python tests/benchmarks/linear_limit.py --data etth1/ETTh1.csv.gz --horizon 336
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

TRAINING, VALIDATION = 8640, 2880  # hours, as in `split` of the recipe etth1
CONTEXTS = (168, 336, 512, 720)
CENTERS = ("mean", "last")
PENALTIES = (1e2, 1e3, 1e4, 1e5)  # relative to sums of squares over all windows and series


def series(file: Path) -> np.ndarray:
    """Z-scores `[time, series]` of training and validation, by the mean and deviation of the training split."""
    values = pd.read_csv(file).iloc[: TRAINING + VALIDATION, 1:].to_numpy(float)
    return (values - values[:TRAINING].mean(axis=0)) / values[:TRAINING].std(axis=0)


def windows(values: np.ndarray, first: int, last: int, context: int, horizon: int, center: str) -> tuple:
    """Centred histories `[windows, context]` and horizons of all series, for horizons between `first` and `last`."""
    cut = np.lib.stride_tricks.sliding_window_view(values[max(first - context, 0) : last], context + horizon, axis=0)
    cut = cut.reshape(-1, context + horizon)  # [windows * series, context + horizon]
    middle = cut[:, :context].mean(axis=1) if center == "mean" else cut[:, context - 1]
    cut = cut - middle[:, np.newaxis]
    return cut[:, :context], cut[:, context:]


def errors(values: np.ndarray, context: int, horizon: int, center: str) -> list[tuple[float, float]]:
    """Mean squared and absolute error on the validation split for each penalty."""
    past, future = windows(values, 0, TRAINING, context, horizon, center)
    squares, products = past.T @ past, past.T @ future
    past, future = windows(values, TRAINING, TRAINING + VALIDATION, context, horizon, center)
    found = []
    for penalty in PENALTIES:
        difference = past @ np.linalg.solve(squares + penalty * np.eye(context), products) - future
        found.append((np.square(difference).mean(), np.abs(difference).mean()))
    return found


def main() -> None:
    """Prints the table of errors."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="ETTh1.csv or ETTh1.csv.gz")
    parser.add_argument("--horizon", type=int, default=336, help="Hours ahead. Default: %(default)s.")
    options = parser.parse_args()
    values = series(options.data)
    table = Table(title=f"ETTh1, {options.horizon} hours, validation: MSE/MAE of z-scores", title_justify="left")
    for column in ("context, hours", "centre", *(f"penalty {penalty:g}" for penalty in PENALTIES)):
        table.add_column(column, justify="right")
    for context in CONTEXTS:
        for center in CENTERS:
            scores = errors(values, context, options.horizon, center)
            table.add_row(str(context), center, *(f"{mse:.3f}/{mae:.3f}" for mse, mae in scores))
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
