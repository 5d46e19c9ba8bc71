"""Summarization: a Transformer, or LSTMs with attention, that copies from documents what they have to name.

Without options it learns to summarize synthetic news reports:

    tfmodels fit summarization

With documents and summaries in files, say AESLC (e-mails and their subjects):

    tfmodels fit summarization --data aeslc --source_column body --target_column subject --vocabulary_size 8000
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

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
    """Options of summarization. The defaults suit the synthetic reports.

    Attributes:
        data: `synthetic` for generated reports, `tfds:NAME` for a summarization set of TensorFlow Datasets, a folder of
            text files such as train.document, train.summary, val.document ... (plain or .gz) or of tables such as
            train.jsonl, or one file of pairs (.csv, .tsv, .jsonl, .parquet, or tabbed text), which is all training
            data.
        examples: Number of synthetic training reports.
        source_column: Column of the documents in a table: its name, or its number from 1 if the file has no header.
            Empty = found: `document`, `article`, `body`, `text`, `source` and the like.
        target_column: Column of the summaries, likewise: `summary`, `highlights`, `abstract`, `subject`, `title`,
            `target` and the like.
        validation_share: Share of the training pairs that is held back for validation if there are no files for it,
            at most 3,000 pairs, and likewise for the test; documents with the same opening words stay together.
    """

    data: str = "synthetic"
    examples: int = option(6_000, least=1)
    source_column: str = ""
    target_column: str = ""
    validation_share: float = option(0.1, above=0, below=1)
    vocabulary_size: int = option(1000, least=1)
    max_source_length: int = option(256, least=2)
    max_target_length: int = option(64, least=2)
    copy: bool = True
    training: Options = field(
        default_factory=lambda: Options(
            steps=520,
            interval=260,
            batch_tokens=4096,
            learning_rate=5e-3,
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
            raise OptionError("data", "to be synthetic, tfds:NAME, a folder of files or a file of pairs", self.data)


_DOCUMENT, _SUMMARY = "document", "summary"  # what files and columns are called
_COLUMNS = (
    ("article", "body", "email_body", "text", "content", "dialogue", "report"),
    ("summaries", "highlights", "abstract", "subject", "subject_line", "headline", "title"),
)
_OPENING = 80  # characters: documents that begin alike, such as copies of a letter, stay in one split
_DESCRIPTION = "Summarizes documents."


def prepare(config: Config, run: Run) -> None:
    """Checks the data, learns the subwords and tokenises all splits, each only once."""
    from pipelines.runs import data_fingerprints
    from pipelines.sources.text import parallel_text

    data_fingerprints.record(run, data_files)
    prepared = seq2seq.is_prepared(run)  # then the files are not needed
    if not prepared:
        seq2seq.check_teacher(config, run, _DESCRIPTION)
    sources = [] if prepared else parallel_text.readers(config.data, _form(config), run.index)
    seq2seq.prepare(config, run, sources)


def data_files(config: Config) -> list[Path]:
    """The files that the data is read from; none of synthetic reports and of TensorFlow Datasets."""
    from pipelines.sources.text import parallel_text

    return parallel_text.files(config.data, _DOCUMENT, _SUMMARY)


def other_files(config: Config, data: str, split: str) -> list[Path]:
    """The files that are read of data that `evaluate --data` names."""
    from pipelines.sources.text import parallel_text

    return parallel_text.other_files(data, split, _form(config))


def fit(config: Config, run: Run) -> None:
    """Trains, draws the curves and reports on the validation split."""
    seq2seq.fit(config, run, evaluate)


def evaluate(config: Config, run: Run, split: str) -> Report:
    """Summarizes a split and scores the summaries by ROUGE, beside naive ones."""
    from pipelines.summarization import summarization_report

    train = seq2seq.pairs(config.data, replace(run, other=""), "train", _form(config))
    return summarization_report.of(config, run, split, _pairs(config, run, split), train)


def choose_decoding(members: Sequence[Run]) -> "Choice":
    """Chooses options of decoding on the validation split: see `seq2seq.choose_decoding`."""
    from pipelines.summarization.scores import score

    return seq2seq.choose_decoding(members, lambda run: _pairs(run.config, run, "validation"), score)


def endpoints(config: Config, run: Run) -> Servable:
    """What an export of the run needs."""
    return _servable(config, run, seq2seq.load_generator(config, run))


def ensemble(members: Sequence[Run]) -> Servable:
    """What an export of several runs needs: see `seq2seq.load_ensemble`."""
    generator = seq2seq.load_ensemble(members, lambda run: {"files": asdict(file_options.of(run.config))})
    return _servable(members[0].config, members[0], generator)


def _servable(config: Config, run: Run, generator: "Generator") -> Servable:
    texts = seq2seq.sample_sources(config, run)
    names = [name for name in (config.source_column, _DOCUMENT, "text", *_COLUMNS[0], "source") if name]
    table = {"columns": list(dict.fromkeys(names)), "files": asdict(file_options.of(config))}
    return seq2seq.servable(config, run, _DESCRIPTION, texts, table, generator)


def _pairs(config: Config, run: Run, split: str) -> "list[Pair]":
    return seq2seq.pairs(config.data, run, split, _form(config))


def _form(config: Config) -> "PairForm":
    from pipelines.sources.text.pair_form import PairForm

    return PairForm(
        _DOCUMENT,
        _SUMMARY,
        config.examples,
        config.training.seed,
        config.source_column,
        config.target_column,
        config.validation_share,
        file_options.of(config),
        generated="synthetic",
        columns=_COLUMNS,
        opening=_OPENING,
    )
