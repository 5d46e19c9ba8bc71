"""Translation: a Transformer, or LSTMs with attention, from raw text in one language to raw text in another.

Without options it learns to rewrite English dates, numbers, currencies and the like (Unicode CLDR) in German:

    tfmodels fit translation

about 3 minutes on 2 CPU cores; some 98 % of the validation phrases come out exactly right. With a folder of text
pairs, say Multi30k:

    tfmodels fit translation --config multi30k --data multi30k/tok
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines import seq2seq
from pipelines.runs import Run
from pipelines.runs.report import Report
from pipelines.runs.servable import Servable
from pipelines.seq2seq import answers, datasets, explain, model, requests  # noqa: F401  functions of this task
from tfmodels.checked_options import OptionError, option
from tfmodels.training import Options

if TYPE_CHECKING:
    from pipelines.sources.text.parallel_text import Reader


@dataclass(frozen=True, kw_only=True)
class Config(seq2seq.Config):
    """Options of translation. The defaults suit the synthetic phrases.

    Attributes:
        data: `cldr` for synthetic phrases, `tfds:NAME` for a translation set of TensorFlow Datasets, or a folder of
            text files such as train.en, train.de, val.en, val.de, test.en, test.de (plain or .gz). Several with commas
            between them, each with `*N` behind it if an epoch is to hold its pairs N times: `my/texts*3,other/texts`;
            validation and test are those of the first. If the whole value names a folder, it is that folder.
        source: Language to translate from, as the files or the data set name it; for `cldr` a Babel locale.
        target: Language to translate to.
        examples: Number of synthetic training phrases, for `cldr` only.
    """

    data: str = "cldr"
    source: str = "en"
    target: str = "de"
    examples: int = option(30_000, least=1)
    decoding: seq2seq.DecodingOptions = field(default_factory=lambda: seq2seq.DecodingOptions(length_ratio=2.0))
    training: Options = field(
        default_factory=lambda: Options(
            steps=1320,
            interval=440,
            batch_tokens=1024,
            learning_rate=3e-3,
            schedule="cosine",
            warmup_steps=100,
            label_smoothing=0.0,
            ema_decay=0.98,
        )
    )

    def __post_init__(self) -> None:
        """Refuses what would only fail after the data is prepared."""
        super().__post_init__()
        if not self.data.strip():
            raise OptionError("data", "to be cldr, tfds:NAME or folders of text files", self.data)


def prepare(config: Config, run: Run) -> None:
    """Checks the data, learns the subwords and tokenises all splits, each only once."""
    from pipelines.runs import data_fingerprints
    from pipelines.sources.text import parallel_text

    data_fingerprints.record(run, data_files)
    seed = config.training.seed
    sources = parallel_text.readers(config.data, config.source, config.target, config.examples, seed)
    seq2seq.prepare(config, run, sources)


def data_files(config: Config) -> list[Path]:
    """The files that the data is read from; none of synthetic phrases and of TensorFlow Datasets."""
    from pipelines.sources.text import parallel_text

    return parallel_text.files(config.data, config.source, config.target)


def fit(config: Config, run: Run) -> None:
    """Trains, draws the curves and reports on the validation split."""
    seq2seq.fit(config, run, evaluate)


def evaluate(config: Config, run: Run, split: str) -> Report:
    """Translates a split with beam search and scores it, beside the baseline of copying the source."""
    from pipelines.runs import data_fingerprints
    from pipelines.runs.report import pick_examples
    from pipelines.translation.scores import score
    from tfmodels import metrics

    data_fingerprints.require(run)
    generator = seq2seq.load_generator(config, run)
    pairs = list(_reader(config)(split))
    sources, references = [pair.source for pair in pairs], [pair.target for pair in pairs]
    outputs = seq2seq.answer_all(generator, sources)
    scores = score(pairs, outputs)
    return seq2seq.make_report(
        config,
        run,
        split,
        generator,
        primary=scores.primary,
        metrics=scores.metrics,
        baselines={"copy the source": scores.of_sources},
        tables=scores.tables,
        examples=pick_examples(sources, references, outputs, metrics.sentence_scores(outputs, references)),
        pairs=pairs,
    )


def endpoints(config: Config, run: Run) -> Servable:
    """What an export of the run needs."""
    texts = seq2seq.sample_sources(config, run)
    return seq2seq.servable(config, run, f"Translates {config.source} to {config.target}.", texts)


def _reader(config: Config) -> "Reader":
    """Reads the source of data that is validated and tested on."""
    from pipelines.sources.text import mixture, parallel_text

    first = mixture.parse(config.data)[0].name
    return parallel_text.reader(first, config.source, config.target, config.examples, config.training.seed)
