"""Scores the baselines of recommendation on validation and test; no network is trained.

python tests/benchmarks/recommendation_baselines.py --data folder/amazon_beauty/Beauty.txt.gz
python tests/benchmarks/recommendation_baselines.py --data ratings.tsv.gz --tie_orders 5
python tests/benchmarks/recommendation_baselines.py --data ratings.tsv.gz --split date
python tests/benchmarks/recommendation_baselines.py --data ratings.tsv.gz --only_ease 50:1 50:0.7 1000:1 1000:0.7
"""

import argparse
import resource
import time
from collections.abc import Iterator

import numpy as np
from rich.console import Console
from rich.table import Table

from pipelines.sources.events import event_data, event_splits
from pipelines.sources.events.event_form import Form, Limits
from pipelines.sources.events.event_splits import Split
from pipelines.sources.faults import Faults
from tfmodels import metrics
from tfmodels.metrics.next_items import item_ranking, item_regressions, next_item_baselines
from tfmodels.metrics.next_items.histories import Histories
from tfmodels.metrics.next_items.next_item_model import NextItemModel

SHOWN = ("hr@10", "ndcg@10", "mrr@10")


def scores(split: Split, cases: dict[str, Histories], targets: dict[str, np.ndarray], scorer) -> dict:
    """Split -> metric -> mean over the events to predict."""
    size = len(split.sequences.events.items)
    found = {}
    for one, histories in cases.items():
        ranking = item_ranking.rank(scorer, histories, targets[one], size)
        found[one] = {metric: float(values.mean()) for metric, values in metrics.ranking_scores(ranking.ranks).items()}
    return found


def run(split: Split, ease: list[str] | None = None) -> dict[str, dict[str, dict[str, float]]]:
    """Baseline -> split -> metric -> score; unknown items are misses, seen ones no candidates.

    With `ease`, penalties and decays, only EASE with these.
    """
    events, starts = split.sequences.events, split.sequences.starts
    known = split.known()[1]
    items = np.where(known[events.item], events.item, -1)
    training = Histories(items, starts[:-1], split.train_end)
    cases = {one: Histories(items, starts[of.user], of.end) for one, of in split.cases.items()}
    targets = {one: items[of.target] for one, of in split.cases.items()}
    found = {}
    begin = time.process_time()
    size = len(events.items)
    models = next_item_baselines.fit(training, size, events.time) if ease is None else of_ease(training, size, ease)
    for name, model in models:
        found[name] = scores(split, cases, targets, model.scores)
        print(f"{name}: {time.process_time() - begin:.0f} s of a core to fit and score", flush=True)
        begin = time.process_time()
    return found


def of_ease(training: Histories, size: int, pairs: list[str]) -> Iterator[tuple[str, NextItemModel]]:
    """EASE with penalties and decays, each pair written as `50:0.7`."""
    for pair in pairs:
        penalty, decay = map(float, pair.split(":"))
        yield f"EASE, penalty {penalty:g}, decay {decay:g}", item_regressions.ease(training, size, penalty, decay)


def main() -> None:
    """Reads the events, and prints a table of each split."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True, help="events, as `tfmodels fit recommendation --data` takes them")
    parser.add_argument("--split", choices=("leave_one_out", "date"), default="leave_one_out")
    parser.add_argument("--keep", default="", help="conditions, such as 'rating>=4'")
    parser.add_argument("--min_events", type=int, default=1, help="of users and of items")
    parser.add_argument(
        "--tie_orders", type=int, default=0, help="orders of events at one time to draw; 0 = the file's"
    )
    parser.add_argument("--only_ease", nargs="+", help="penalties and decays of EASE, which alone is scored")
    parser.add_argument("--without_test", action="store_true", help="do not score the test split")
    arguments = parser.parse_args()
    limits = Limits(min_user_events=arguments.min_events, min_item_events=arguments.min_events)
    data = event_data.read(arguments.data, Form(keep=arguments.keep), limits, Faults("error"))
    print(*data.notes, sep="\n")
    start = time.process_time()
    results = []
    for seed in range(1, arguments.tie_orders + 1) or [None]:
        sequences = data.sequences if seed is None else event_data.reordered(data.sequences, seed)
        by_date = arguments.split == "date"
        split = event_splits.by_date(sequences, 0.1, 0.2) if by_date else event_splits.leave_one_out(sequences)
        if arguments.without_test:
            del split.cases["test"]
        if not results:
            print(split.said, *map(split.unknown, split.cases), sep="\n")
        results.append(run(split, arguments.only_ease))
    for one in next(iter(results[0].values())):
        table = Table("baseline", *SHOWN, title=f"{one} split", title_justify="left")
        for name in results[0]:
            values = {metric: [result[name][one][metric] for result in results] for metric in SHOWN}
            spread = {metric: f" ± {np.std(of, ddof=1):.4f}" if len(of) > 1 else "" for metric, of in values.items()}
            table.add_row(name, *(f"{np.mean(of):.4f}{spread[metric]}" for metric, of in values.items()))
        Console(width=120).print(table)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{time.process_time() - start:.0f} s of a core, {memory:.1f} GiB at most")


if __name__ == "__main__":
    main()
