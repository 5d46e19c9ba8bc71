"""Translation: a Transformer, or LSTMs with attention, from raw text in one language to raw text in another.

Without options it learns to rewrite English dates, numbers, currencies and the like (Unicode CLDR) in German:

    tfmodels fit translation

about 3 minutes on 2 CPU cores; some 98 % of the validation phrases come out exactly right. With a folder of text
pairs, say Multi30k:

    tfmodels fit translation --config multi30k --data multi30k/tok
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import seq2seq
from pipelines.runs import Run
from pipelines.runs.report import Report
from pipelines.runs.servable import Servable
from pipelines.seq2seq import (  # noqa: F401  functions of this task
    EXPLAINING,
    answers,
    datasets,
    explain,
    explain_served,
    model,
    requests,
)
from pipelines.sources.files import file_options
from pipelines.sources.files.file_options import FileOptions
from tfmodels.checked_options import OptionError, option
from tfmodels.training import Options

if TYPE_CHECKING:
    from pipelines.seq2seq.decoding_choice import Choice
    from pipelines.seq2seq.generator import Generator
    from pipelines.sources.text.pair import Pair
    from pipelines.sources.text.pair_form import PairForm


@dataclass(frozen=True, kw_only=True)
class Config(FileOptions, seq2seq.Config):
    """Options of translation. The defaults suit the synthetic phrases.

    Attributes:
        data: `cldr` for synthetic phrases, `tfds:NAME` for a translation set of TensorFlow Datasets, a folder of text
            files such as train.en, train.de, val.en, val.de, test.en, test.de (plain or .gz) or of tables such as
            train.tsv, or one file of pairs (.tsv, .csv, .jsonl, .parquet, or tabbed text), which is all training data.
            Several with commas between them, each with `*N` behind it if an epoch is to hold its pairs N times:
            `my/texts*3,other/texts`; validation and test are those of the first. If the whole value names a folder or a
            file, it is that.
        source: Language to translate from, as the files or the data set name it; for `cldr` a Babel locale.
        target: Language to translate to.
        examples: Number of synthetic training phrases, for `cldr` only.
        source_column: Column of the source in a file of pairs: its name, or its number from 1 if the file has no
            header. Empty = found: by the languages, by the names `source` and `target`, or the first two of a tabbed
            file.
        target_column: Column of the target, likewise.
        validation_share: Share of the training pairs that is held back for validation if there are no files for it,
            at most 3,000 pairs, and likewise for the test; always the same pairs, and no source is in two splits.
    """

    data: str = "cldr"
    source: str = "en"
    target: str = "de"
    examples: int = option(30_000, least=1)
    source_column: str = ""
    target_column: str = ""
    validation_share: float = option(0.1, above=0, below=1)
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
        file_options.check(self)
        if bool(self.source_column) != bool(self.target_column):
            both = self.source_column or self.target_column
            raise OptionError("source_column", "and target_column to be given together", both)
        if not self.data.strip():
            raise OptionError("data", "to be cldr, tfds:NAME, folders of text files or files of pairs", self.data)


def check(config: Config) -> None:
    """Refuses locales that there are no phrases of."""
    from pipelines.sources.text import parallel_text

    parallel_text.check_phrases(config.data, config.source, config.target, config.examples)


def prepare(config: Config, run: Run) -> None:
    """Checks the data, learns the subwords and tokenises all splits, each only once."""
    from pipelines.runs import data_fingerprints
    from pipelines.sources.text import parallel_text

    data_fingerprints.record(run, data_files)
    prepared = seq2seq.is_prepared(run)  # then the files are not needed
    if not prepared:
        seq2seq.check_teacher(config, run, _description(config))
    sources = [] if prepared else parallel_text.readers(config.data, _form(config), run.index)
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
    from pipelines.translation import translation_report

    return translation_report.of(config, run, split, _pairs(config, run, split))


def choose_decoding(members: Sequence[Run]) -> "Choice":
    """Chooses options of decoding on the validation split: see `seq2seq.choose_decoding`."""
    from pipelines.translation.scores import score

    return seq2seq.choose_decoding(members, lambda run: _pairs(run.config, run, "validation"), score)


def endpoints(config: Config, run: Run) -> Servable:
    """What an export of the run needs."""
    return _servable(config, run, seq2seq.load_generator(config, run))


def ensemble(members: Sequence[Run]) -> Servable:
    """What an export of several runs needs: see `seq2seq.load_ensemble`."""
    generator = seq2seq.load_ensemble(members, _shared)
    return _servable(members[0].config, members[0], generator)


def _shared(run: Run) -> dict[str, Any]:
    """What all members of an ensemble must share, beside what `load_ensemble` compares."""
    return {"source": run.config.source, "target": run.config.target, "files": asdict(file_options.of(run.config))}


def _description(config: Config) -> str:
    return f"Translates {config.source} to {config.target}."


def _servable(config: Config, run: Run, generator: "Generator") -> Servable:
    texts = seq2seq.sample_sources(config, run)
    names = [name for name in (config.source_column, "text", config.source, "source") if name]
    table = {"columns": list(dict.fromkeys(names)), "files": asdict(file_options.of(config))}
    return seq2seq.servable(config, run, _description(config), texts, table, generator)


def other_files(config: Config, data: str, split: str) -> list[Path]:
    """The files that are read of data that `evaluate --data` names."""
    from pipelines.sources.text import parallel_text

    return parallel_text.other_files(data, split, _form(config))


def _pairs(config: Config, run: Run, split: str) -> "list[Pair]":
    return seq2seq.pairs(config.data, run, split, _form(config))


def _form(config: Config) -> "PairForm":
    from pipelines.sources.text.pair_form import PairForm

    return PairForm(
        config.source,
        config.target,
        config.examples,
        config.training.seed,
        config.source_column,
        config.target_column,
        config.validation_share,
        file_options.of(config),
    )
