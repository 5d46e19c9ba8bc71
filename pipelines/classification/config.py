"""Options of classification, without TensorFlow."""

from dataclasses import dataclass, field
from typing import Literal

from pipelines.runs.rows import class_weights
from pipelines.runs.teachers import teacher_options
from pipelines.text import text_options
from pipelines.text.text_options import TextFileOptions
from tfmodels import option_lists
from tfmodels.checked_options import OptionError, check, option
from tfmodels.models.lstm_options import LSTMOptions
from tfmodels.models.transformer_options import TransformerClassifierOptions
from tfmodels.training import Options


@dataclass(frozen=True, kw_only=True)
class HierarchicalOptions(LSTMOptions):
    """Options of the hierarchical model: of its LSTMs and attention, and of the sentences that it reads.

    Attributes:
        max_sentences: Most sentences of a text; later ones are not read.
        max_words: Most tokens of a sentence; a longer one continues in the next.
    """

    max_sentences: int = option(100, least=1)
    max_words: int = option(40, least=1)


@dataclass(frozen=True, kw_only=True)
class DecisionOptions:
    """How labels follow from probabilities.

    Attributes:
        threshold: Lowest probability at which a text gets a label, with `separator` only. Without a separator each text
            gets its most probable label.
    """

    threshold: float = option(0.5, above=0, below=1)

    def __post_init__(self) -> None:
        """Refuses values outside of their bounds."""
        check(self)


@dataclass(frozen=True)
class Config(TextFileOptions):
    """Options of classification. The defaults suit the synthetic opinions.

    Attributes:
        data: `synthetic` for synthetic opinions, `tfds:NAME` for a data set of TensorFlow Datasets, a file, which is
            all training data, or a folder with a file or a folder of classes for each split: `train.csv`, `dev.tsv.gz`,
            `test/`. A folder of classes holds a folder for each class with a text in each .txt file.
        layout: Layout of the files: `columns` (.csv, .tsv or .jsonl, plain or .gz, or .parquet), or lines with
            `text_tab_label`, `label_tab_text` or `label_text` (separated by a space).
        text: Column of the text.
        label: Column of the label.
        separator: Separator between the labels of a text that may have several or none. Empty = exactly one label.
        classes: Labels in the order of the outputs, separated by commas; one that holds a comma stands in double
            quotes. Empty = those of the training data, sorted.
        on_bad: What to do about rows without text or label, labels that the training data does not have, the same text
            in two splits and classes without an example: `error` stops, `drop` leaves out and says how many,
            `warn` says which, too.
        validation_share: Share of the different texts of each class that is held out for validation if there is no
            validation split; always the same rows.
        class_weights: Weights of the classes in the training loss: `balanced` for the same total weight of each class,
            or such as `spam=3,ham=1,"a, b=2"`. Empty = 1 each.
        resample_subwords: Train on a random segmentation of each text into subwords, drawn anew in each epoch (Kudo,
            2018), instead of the best one. The draws follow from the seed, so that a run can be repeated and resumed.
            Texts get longer: with `subword_alpha` 0.1 almost twice as long, with 0.2 by a third, with 0.5 hardly.
        subword_alpha: Exponent of the probability with which a segmentation is drawn; 0 draws uniformly.
        teacher: Export whose probabilities of the training texts are learnt beside the labels, such as an ensemble. It
            is asked once, when the run is prepared. Empty = none.
        teacher_weight: Share of the teacher's probabilities in each target; the rest is the true label's.
        max_length: Most tokens of a text, its end included; longer texts are cut. The hierarchical model is limited by
            its own two options instead, and by this only in the endpoint `explain`.
        model: `transformer`, `lstm`, or `hierarchical` for long documents (LSTMs over words, then over sentences).
        embedding_dropout: Share of the distinct tokens of each text that training replaces everywhere in it.
        ngrams: Adds a linear model of n-grams of up to N tokens, averaged with the network; 0 for none.
        spelling: Also give that linear model the character n-grams of each token (needs `ngrams`).
        wide: Adds a linear model of n-grams of words and characters, fitted before the network, and answers by the
            weighted mean of both. The weight is chosen on the validation split, where the mean never decides worse than
            the linear model alone. Helps with few examples.
        transformer: Options of `--model transformer`.
        lstm: Options of `--model lstm`.
        hierarchical: Options of `--model hierarchical`.
        decision: How labels follow from probabilities; may be changed after training.
        training: How to train.
    """

    data: str = "synthetic"
    layout: Literal["columns", "text_tab_label", "label_tab_text", "label_text"] = "columns"
    text: str = "text"
    label: str = "label"
    separator: str = ""
    classes: str = ""
    class_weights: str = ""
    resample_subwords: bool = False
    subword_alpha: float = option(0.2, least=0)
    teacher: str = ""
    teacher_weight: float = option(0.5, least=0, most=1)
    max_length: int = option(64, least=2)
    model: Literal["transformer", "lstm", "hierarchical"] = "transformer"
    embedding_dropout: float = option(0.0, least=0, below=1)
    ngrams: int = option(0, least=0)
    spelling: bool = False
    wide: bool = False
    transformer: TransformerClassifierOptions = field(
        default_factory=lambda: TransformerClassifierOptions(d_model=64, feed_forward_dim=128, positions="rotary")
    )
    lstm: LSTMOptions = field(default_factory=lambda: LSTMOptions(d_model=64, dropout=0.1))
    hierarchical: HierarchicalOptions = field(default_factory=lambda: HierarchicalOptions(d_model=64, dropout=0.1))
    decision: DecisionOptions = field(default_factory=DecisionOptions, metadata={"after_training": True})
    training: Options = field(
        default_factory=lambda: Options(
            steps=1200,
            interval=200,
            batch_tokens=2048,
            learning_rate=3e-3,
            schedule="cosine",
            warmup_steps=100,
            label_smoothing=0.0,
            ema_decay=0.99,
        )
    )

    def __post_init__(self) -> None:
        """Refuses what would only fail after the data is prepared."""
        text_options.check(self)
        self._check_layout()
        _check_classes(self.classes)
        class_weights.check(self.class_weights)
        teacher_options.check(self, "teacher_weight")
        self._check_resampling()
        if self.spelling and not self.ngrams:
            raise OptionError("ngrams", "to be at least 1 with spelling", self.ngrams)
        if not self.separator and self.decision != DecisionOptions():
            raise OptionError("decision.threshold", "to be left out without separator", self.decision.threshold)
        if self.training.xla and getattr(self.family, "layer_norm", False):
            raise OptionError(
                "training.xla", f"to be left out with {self.model}.layer_norm: such loops are not compiled", True
            )

    @property
    def family(self) -> TransformerClassifierOptions | LSTMOptions:
        """The options of the chosen model."""
        families = {"transformer": self.transformer, "lstm": self.lstm, "hierarchical": self.hierarchical}
        return families[self.model]

    def _check_resampling(self) -> None:
        """Refuses to segment tokens that are no subwords, or sentences, whose tokens are limited one by one."""
        if not self.resample_subwords:
            return
        if self.tokens != "subwords" and not self.keep_tokens:
            raise OptionError("resample_subwords", f"to be false with tokens={self.tokens} (it is for subwords)", True)
        if self.model == "hierarchical":
            raise OptionError("resample_subwords", "to be false with model=hierarchical", True)

    def _check_layout(self) -> None:
        """Refuses names of columns for files that have none; data sets of TensorFlow Datasets always have columns."""
        for name, value, default in (("text", self.text, "text"), ("label", self.label, "label")):
            if value != default and self.layout != "columns" and not self.data.startswith("tfds:"):
                raise OptionError("layout", f"to be columns with {name}={value} (--layout columns)", self.layout)


def _check_classes(classes: str) -> None:
    names = option_lists.split(classes, keep_empty=True)
    if classes and (not all(names) or len(set(names)) < len(names)):
        raise OptionError("classes", "to be empty or distinct labels with commas between them", classes)
