"""The generated phrases as a TensorFlow Datasets builder, and its reader."""

import contextlib
import io
import logging
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import tensorflow_datasets as tfds

from pipelines.sources.synthetic.cldr_phrases.phrases import generate
from pipelines.sources.synthetic.cldr_phrases.phrases_config import PhrasesConfig
from pipelines.sources.text.pair import Pair
from pipelines.sources.tfds import tfds_builders

_Examples = Iterator[tuple[int, dict[str, str]]]  # keys and features
_FIELDS = ("source", "target", "kind")  # of a pair
_DESCRIPTION = """
Dates, times, intervals, relative times, numbers, percentages, amounts of money and measures, formatted in two locales
by the patterns of the Unicode Common Locale Data Repository (CLDR). The values are drawn at random; no value is in
two splits and no source text has two targets.
"""
_CITATION = """
@misc{cldr,
  title = {Unicode Common Locale Data Repository},
  author = {{Unicode Consortium}},
  howpublished = {\\url{https://cldr.unicode.org}},
}
"""
_LICENSE = "The patterns and names of the CLDR: Unicode License V3 (https://www.unicode.org/license.txt)."


class Builder(tfds.core.GeneratorBasedBuilder):
    """Generates the data set `cldr_phrases` with Babel. It downloads nothing.

    Args:
        config: What to generate; by default 30,000 training pairs from English to German.
        **options: The options of every TFDS builder, such as `data_dir`.

    Example:
        `Builder(config=PhrasesConfig(target="fr"), data_dir=folder).download_and_prepare()`
    """

    VERSION = tfds.core.Version("1.0.0")

    def __init__(self, *, config: PhrasesConfig | None = None, **options: Any) -> None:
        super().__init__(config=config or PhrasesConfig(), **options)

    def _info(self) -> tfds.core.DatasetInfo:
        text = tfds.features.Text()
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(dict.fromkeys(_FIELDS, text)),
            supervised_keys=("source", "target"),
            homepage="https://cldr.unicode.org",
            citation=_CITATION,
            license=_LICENSE,
            disable_shuffling=True,  # `generate` has already shuffled them
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, _Examples]:
        del dl_manager  # nothing to download
        config = self.builder_config
        assert isinstance(config, PhrasesConfig)
        splits = generate(config.source, config.target, config.seed, config.examples)
        return {split: self._generate_examples(pairs) for split, pairs in splits.items()}

    def _generate_examples(self, pairs: list[Pair]) -> _Examples:
        return ((key, {name: getattr(pair, name) for name in _FIELDS}) for key, pair in enumerate(pairs))


def read(
    split: str,
    source: str = "en",
    target: str = "de",
    seed: int = 0,
    examples: int = 30_000,
    data_dir: str | Path | None = None,
) -> Iterator[Pair]:
    """Reads the phrases of a split, in the order of `generate`. The first call prepares the files of all splits.

    Args:
        split: "train", "validation" or "test".
        source: The Babel locale to translate from.
        target: The Babel locale to translate to.
        seed: Chooses the phrases and their splits.
        examples: Training pairs. Validation and test have a thirtieth of that number each.
        data_dir: Folder of the prepared files; by default that of TFDS (`TFDS_DATA_DIR`).

    Yields:
        The pairs, with their kinds.

    Raises:
        ValueError: A locale is unknown, both locales are the same, or `examples` is too small or too large.

    Example:
        `for pair in read("train", "en", "fr", data_dir="data"): ...`
    """
    config = PhrasesConfig(source=source, target=target, seed=seed, examples=examples)
    with _quiet():
        builder = Builder(config=config, data_dir=data_dir)
        builder.download_and_prepare()
    for batch in tfds_builders.batches(builder, split):
        for row in zip(*(batch[field] for field in _FIELDS), strict=True):
            yield Pair(*(text.decode() for text in row))


@contextlib.contextmanager
def _quiet() -> Generator[None]:
    """Hides the messages of TFDS about a download, which does not happen, and about a configuration new to it."""
    tfds.disable_progress_bar()
    logger = logging.getLogger("absl")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logger.setLevel(level)
