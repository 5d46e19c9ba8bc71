"""Converts the ACL18 stock data set (Xu and Cohen, 2018; as prepared by Feng et al., 2019) to one long table.

The archive has a file for each ticker and a row for each trading day: 11 features, the label of that day's movement (1
up, -1 down, 0 too small to count) and the price; missing values are -123321. The table has `date`, `ticker`,
`feature_1` to `feature_11`, and `move`, the label: empty for movements that do not count and before the start of the
published training split.

    python tests/benchmarks/stocks_table.py acl18_stocknet_price.tar.gz acl18.csv
"""

import argparse
import tarfile
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd

FEATURES = [f"feature_{number}" for number in range(1, 12)]
_MISSING = -123320  # values up to this are missing
_FIRST_DAY = "2014-01-02"


def read(archive: Path) -> pd.DataFrame:
    """Reads the table, sorted by ticker."""
    frames, dates = [], None
    with tarfile.open(archive) as tar:
        for member in sorted(tar.getmembers(), key=lambda member: member.name):
            path = Path(member.name)
            if path.name == "trading_dates.csv":
                dates = pd.read_csv(_content(tar, member), header=None)[0]
            elif path.parent.name == "ourpped" and path.suffix == ".csv":
                numbers = pd.read_csv(_content(tar, member), header=None, names=[*FEATURES, "move", "price"])
                frames.append(numbers.assign(ticker=path.stem, day=np.arange(len(numbers))))
    if dates is None or not frames:
        raise ValueError(f"Expected trading_dates.csv and files ourpped/*.csv. Received: archive={archive}")
    table = pd.concat(frames, ignore_index=True)
    table["date"] = dates.to_numpy()[table["day"]]
    known = table[[*FEATURES, "move"]]
    table[[*FEATURES, "move"]] = known.where(known > _MISSING)
    table["move"] = table["move"].where((table["move"] != 0) & (table["date"] >= _FIRST_DAY))
    return table[["date", "ticker", *FEATURES, "move"]]


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(member)
    if content is None:
        raise ValueError(f"Expected a file. Received: {member.name}, a folder")
    return content


def main() -> None:
    """Converts the archive."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("archive", type=Path, help="acl18_stocknet_price.tar.gz")
    parser.add_argument("table", type=Path, help="the .csv file to write")
    arguments = parser.parse_args()
    table = read(arguments.archive)
    table.to_csv(arguments.table, index=False)
    print(f"{len(table):,} rows of {table['ticker'].nunique()} tickers in {arguments.table}")


if __name__ == "__main__":
    main()
