"""Features of items: learnt from an item table in training, and read by the same rules ever after."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.recommendation.config import Config
from pipelines.runs import Run
from pipelines.sources.events import feature_table
from pipelines.sources.events.feature_table import KINDS, FeatureTable, Kind
from pipelines.sources.faults import collect_faults
from pipelines.sources.files import file_options
from tfmodels import array_files, whole_files

if TYPE_CHECKING:
    import numpy as np

_RULES, _IDS, _NUMBERS = "features.json", "feature_ids.npy", "feature_numbers.npy"
_LEAST, _MOST_KNOWN, _MOST = 2, 20_000, 32  # items of a word that counts, words in all, words of an item
_FAR = 5.0  # standard deviations beyond which numbers are cut


@dataclass(frozen=True)
class Rules:
    """What training decided about the columns of an item table.

    Attributes:
        kinds: Column -> what it holds.
        scales: Column of numbers -> its mean and standard deviation among the items of training.
        words: The categories and words that count, each behind the number of its column and a blank; their ids are 1
            and up.

    Example:
        `Rules({"year": "number"}, {"year": (1990.0, 12.0)}, []).arrays(table)`
    """

    kinds: dict[str, Kind]
    scales: dict[str, tuple[float, float]]
    words: list[str]

    @property
    def numbers(self) -> int:
        """Numbers of an item: of each column its value and whether it is known."""
        return 2 * len(self.scales)

    def arrays(self, table: FeatureTable) -> "tuple[np.ndarray, np.ndarray]":
        """The features of the items of a table.

        Args:
            table: Read with the columns of `kinds`.

        Returns:
            int32 `[items, most]`, ids of words, 0 at padding, and float32 `[items, numbers]`.
        """
        import numpy as np

        number = {word: place for place, word in enumerate(self.words, start=1)}
        ids = np.zeros([len(table.ids), _MOST], np.int32)
        for row, spoken in zip(ids, _words(table), strict=True):
            known = [number[word] for word in spoken if word in number][:_MOST]
            row[: len(known)] = known
        columns = []
        for name, (mean, scale) in self.scales.items():
            values = table.numbers[name]
            known = np.isfinite(values)
            columns += [np.where(known, np.clip((values - mean) / scale, -_FAR, _FAR), 0), known]
        numbers = np.stack(columns, axis=1) if columns else np.zeros([len(table.ids), 0])
        return ids, numbers.astype(np.float32)


def learn(table: FeatureTable, known: set[str]) -> Rules:
    """Decides which words count, and how numbers are scaled, by the items of training.

    Args:
        table: The table.
        known: The items that training has.

    Returns:
        The rules.

    Example:
        `learn(table, {"tent 1", "rope 2"}).words`
    """
    import numpy as np

    trained = np.array([item in known for item in table.ids], bool)
    often = Counter(
        word for spoken, there in zip(_words(table), trained, strict=True) if there for word in dict.fromkeys(spoken)
    )
    words = [word for word, count in often.most_common(_MOST_KNOWN) if count >= _LEAST]
    scales = {}
    for name, values in table.numbers.items():
        values = values[trained & np.isfinite(values)]
        spread = float(values.std()) if len(values) else 0.0
        scales[name] = (float(values.mean()) if len(values) else 0.0, spread if 0 < spread < float("inf") else 1.0)
    return Rules(table.kinds, scales, words)


def prepare(config: Config, run: Run, table: FeatureTable, items: list[str]) -> list[str]:
    """Learns the rules of a run and writes them, and the features of all items, into its assets.

    Args:
        config: The options.
        run: The run.
        table: Its item table.
        items: The items that training has, in the order of their ids.

    Returns:
        The further items of the table whose features training knows; their ids follow.

    Raises:
        ValueError: No feature is of use.
    """
    import numpy as np

    known = set(items)
    rules = learn(table, known)
    if not rules.words and not rules.scales:
        raise ValueError(
            f"Expected numbers, or categories or words that at least {_LEAST} items of the training events share. "
            f"Received: none in {config.item_table}; are its ids those of the events?"
        )
    ids, numbers = rules.arrays(table)
    row = {item: place for place, item in enumerate(table.ids)}
    further = [item for item, told in zip(table.ids, _told(ids, numbers), strict=True) if told and item not in known]
    rows = np.array([row.get(item, -1) for item in [*items, *further]])
    for name, array in ((_IDS, ids), (_NUMBERS, numbers)):
        np.save(run.assets / name, np.concatenate([array, np.zeros_like(array[:1])])[rows])  # -1 has no features
    content = {"kinds": rules.kinds, "scales": rules.scales, "words": rules.words}
    whole_files.write(run.assets / _RULES, json.dumps(content, ensure_ascii=False).encode())
    return further


def table_of(config: Config, path: str, kinds: dict[str, Any] | None = None) -> FeatureTable:
    """Reads an item table by the options of a run; by its rules where these are given."""
    wanted = feature_table.parse(config.item_features) if kinds is None else kinds
    with collect_faults(config.on_bad) as faults:
        return feature_table.read(path, "item", config.item_column, wanted, file_options.of(config), faults)


def rules(run: Run) -> Rules:
    """The rules of a run.

    Raises:
        ValueError: Their file is damaged.
    """
    content = whole_files.read_json(run.assets / _RULES)
    if not (content["kinds"] and {*content["kinds"].values()} <= {*KINDS["item"]}):
        raise ValueError(f"Expected columns in {run.assets / _RULES}. Received: others. {whole_files.REMEDY}")
    scales = {name: (float(mean), float(scale)) for name, (mean, scale) in content["scales"].items()}
    return Rules(content["kinds"], scales, content["words"])


def sizes(run: Run) -> tuple[int, int, int]:
    """Sizes of the features of a run, as `models.FeatureSizes`."""
    found = rules(run)
    return max(len(found.words), 1), _MOST, found.numbers


def arrays(run: Run) -> "tuple[np.ndarray, np.ndarray]":
    """The features of all items of a run, those that training has first."""
    return array_files.read(run.assets / _IDS), array_files.read(run.assets / _NUMBERS)


def of_new(config: Config, run: Run, known: list[str]) -> "tuple[list[str], np.ndarray, np.ndarray, str]":
    """The items of the option `items` that a run has not, and their features.

    Args:
        config: The options.
        run: The run, trained with features.
        known: Its items.

    Returns:
        The items, their features, see `Rules.arrays`, and what is to be said of them.

    Raises:
        ValueError: The table is wrong.
    """
    import numpy as np

    found = rules(run)
    table = table_of(config, config.items, dict(found.kinds))
    ids, numbers = found.arrays(table)
    old, told = set(known), _told(ids, numbers)
    new = np.array([item not in old for item in table.ids], bool)
    said = f"{config.items}: {(new & told).sum():,} new items; {(~new).sum():,} are known already and stay as they are"
    if (new & ~told).any():
        said += f"; {(new & ~told).sum():,} are left out: training knows no feature of them"
    kept = new & told
    return [item for item, is_kept in zip(table.ids, kept, strict=True) if is_kept], ids[kept], numbers[kept], said


def _told(ids: "np.ndarray", numbers: "np.ndarray") -> "np.ndarray":
    """Whether something is known of each item."""
    return (ids > 0).any(axis=1) | (numbers != 0).any(axis=1)


def _words(table: FeatureTable) -> list[list[str]]:
    """The words and categories of each item."""
    found: list[list[str]] = [[] for _ in table.ids]
    for number, (name, cells) in enumerate(table.words.items()):
        for spoken, cell in zip(found, cells, strict=True):
            spoken += [f"{number} {word}" for word in feature_table.tokens(cell, table.kinds[name])]
    return found
