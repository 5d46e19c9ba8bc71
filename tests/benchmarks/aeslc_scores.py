"""Trains the summarizers of e-mails into their subjects (AESLC, Zhang and Tetreault, 2019) and scores them.

Both families are trained as the recipe says, with and without the copy path; finished runs are skipped, an interrupted
one goes on. The corpus' dev part stands for the test split, and each run is scored on it once: on all of it, and on the
e-mails whose opening no training e-mail has.

    python tests/benchmarks/aeslc_scores.py --data aeslc
    python tests/benchmarks/aeslc_scores.py --data aeslc --only aeslc-lstm --without_test
"""

import argparse
import gzip
import json
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pipelines import runs
from pipelines.runs import report
from pipelines.sources.text import pair_survey

RUNS = {
    "aeslc": (),
    "aeslc-without-copy": ("--copy", "false"),
    "aeslc-lstm": ("--model", "lstm"),
    "aeslc-lstm-without-copy": ("--model", "lstm", "--copy", "false"),
}
METRICS = ("rouge1", "rouge2", "rougeL", "copied_words", "length_ratio")
OPENING = 80  # characters, as the task itself compares documents
FILES = {"validation": "report.json", "test": "report.test.json", "other": "report.other.json"}
SPLITS = {"validation": "validation", "test": "dev", "other": "dev, openings that training has not"}


def prepare(data: Path, to: Path) -> Path:
    """Links the corpus' parts under the names of splits, and writes the unseen part of dev; returns its file."""
    to.mkdir(parents=True, exist_ok=True)
    for part, split in (("train", "train"), ("dev", "test")):
        link = to / f"{split}.jsonl.gz"
        if not link.exists():
            link.symlink_to((data / f"{part}.jsonl.gz").resolve())
    seen = {pair_survey.digest(row["body"], OPENING) for row in _rows(data / "train.jsonl.gz")}
    fresh = [row for row in _rows(data / "dev.jsonl.gz") if pair_survey.digest(row["body"], OPENING) not in seen]
    unseen = to.parent / f"{to.name}_unseen.jsonl"
    unseen.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in fresh), encoding="utf-8")
    return unseen


def _rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def tfmodels(*arguments: str) -> None:
    """Runs the command in a separate process, so that its memory is freed."""
    subprocess.run([sys.executable, "-m", "tfmodels", *arguments], check=True)


def show(names: list[str], split: str) -> None:
    """Prints the scores of the runs on a split, the baselines of the first one below."""
    read = {name: report.read(runs.ROOT / name / FILES[split]) for name in names}
    table = Table("model", *METRICS, "minutes", title=f"AESLC, {SPLITS[split]}")
    for name, found in read.items():
        cells = [f"{found.metrics[metric]:.4g}" for metric in METRICS]
        table.add_row(name, *cells, f"{found.train_seconds / 60:.0f}")
    for name, scores in next(iter(read.values())).baselines.items():
        table.add_row(name, *(f"{scores[metric]:.4g}" if metric in scores else "" for metric in METRICS), "")
    Console(width=120).print(table)


def main() -> None:
    """Trains, scores, and prints a table of each split."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with train.jsonl.gz and dev.jsonl.gz")
    parser.add_argument("--to", type=Path, default=Path("aeslc_splits"), help="where the splits are linked")
    parser.add_argument("--only", nargs="+", choices=RUNS, default=list(RUNS))
    parser.add_argument("--without_test", action="store_true", help="score the validation split alone")
    arguments = parser.parse_args()
    unseen = prepare(arguments.data, arguments.to)
    for name in arguments.only:
        options = ("--config", "aeslc", "--data", str(arguments.to), "--run", name)
        tfmodels("fit", "summarization", *options, *RUNS[name])
        if not arguments.without_test and not (runs.ROOT / name / FILES["test"]).is_file():
            tfmodels("evaluate", name, "--split", "test")
        if not arguments.without_test and not (runs.ROOT / name / FILES["other"]).is_file():
            tfmodels("evaluate", name, "--data", str(unseen))
    for split in SPLITS if not arguments.without_test else ["validation"]:
        show(arguments.only, split)


if __name__ == "__main__":
    main()
