"""Options of question answering, without TensorFlow."""

from dataclasses import dataclass, field
from typing import Literal

from pipelines.text import text_options
from pipelines.text.text_options import TextFileOptions, Tokens
from tfmodels.checked_options import OptionError, check, option
from tfmodels.models.reader_options import LSTMReaderOptions, TransformerReaderOptions
from tfmodels.training import Options

_LEARNT = -1.0
_COLUMNS = ("question_column", "context_column", "answer_column", "start_column")  # each another one
Choice = Literal["probable", "expected_f1"]


@dataclass(frozen=True, kw_only=True)
class DecisionOptions:
    """How an answer follows from probabilities.

    Attributes:
        answerable: Lowest probability that the context has the answer, at which one is given; -1 takes the one that the
            validation split gave the best F1 with, 0 always answers.
        choose: Which piece is the answer: the most `probable` one, or the one with the best `expected_f1`, that is the
            one that on average shares most with all probable ones. It is right in part more often, exactly less often.
    """

    answerable: float = option(_LEARNT, least=-1, most=1)
    choose: Choice = "probable"

    def __post_init__(self) -> None:
        """Refuses values outside of their bounds."""
        check(self)
        if _LEARNT < self.answerable < 0:
            raise OptionError("answerable", "to be -1, or from 0 to 1", self.answerable)


@dataclass(frozen=True)
class Config(TextFileOptions):
    """Options of question answering. The defaults suit the synthetic questions.

    Attributes:
        data: `synthetic` for questions about made-up people and places, `tfds:NAME` for a data set of TensorFlow
            Datasets such as `tfds:squad`, a folder of files such as train.json, dev.json, or one file, which is all
            training data: SQuAD's JSON 1.1 and 2.0, or a table (.csv, .tsv, .jsonl, .parquet), each plain or .gz.
        examples: Number of synthetic questions to train on.
        question_column: Column of the question in a table. Empty = found, as are the others.
        context_column: Column of the context.
        answer_column: Column of the answer, a text or a list of texts; empty where the context has none.
        start_column: Column of the answer's first character in the context.
        id_column: Column of the question's id.
        title_column: Column of the article's title, which splits keep together.
        kind_column: Column of the kind of question, for tables of the report; the model never sees it.
        search: What becomes of answers without a start: `once` takes those that stand in their context once, `first`
            the first place of each.
        unanswerable: Share of the questions that are made without an answer: a question is asked of another paragraph
            of its article. For data in which every question has one; 0 makes none.
        validation_share: Share of the articles that is held out for validation if there is no validation split.
        max_question_length: Most tokens of a question, its end included; longer ones are cut.
        max_context_length: Most tokens of a context in training, its end included. Served contexts may be longer.
        max_answer_length: Most tokens of an answer.
        window: Tokens of the windows that a context is read in.
        overlap: Tokens that a window shares with the next one.
        score_inside: Whether each token inside an answer adds to its logit, not only its ends and length: better after
            some epochs, worse in the first.
        model: `transformer` or `lstm`.
        transformer: Options of `--model transformer`.
        lstm: Options of `--model lstm`.
        score_by: What exact match and F1 compare: `words`, `characters`, or what the `script` has, which is characters
            where most letters of the references are of scripts without blanks, such as Japanese; may be changed after
            training.
        decision: How an answer follows from probabilities; may be changed after training.
        training: How to train.
    """

    data: str = "synthetic"
    examples: int = option(24_000, least=1)
    question_column: str = ""
    context_column: str = ""
    answer_column: str = ""
    start_column: str = ""
    id_column: str = ""
    title_column: str = ""
    kind_column: str = ""
    search: Literal["once", "first"] = "once"
    unanswerable: float = option(0.0, least=0, below=1)
    tokens: Tokens = "subwords"
    vocabulary_size: int = option(1_000, least=5)
    max_question_length: int = option(48, least=2)
    max_context_length: int = option(512, least=2)
    max_answer_length: int = option(24, least=1)
    window: int = option(192, least=2)
    overlap: int = option(48, least=1)
    score_inside: bool = False
    model: Literal["transformer", "lstm"] = "lstm"
    transformer: TransformerReaderOptions = field(
        default_factory=lambda: TransformerReaderOptions(
            num_layers=2, d_model=64, feed_forward_dim=128, positions="rotary"
        )
    )
    lstm: LSTMReaderOptions = field(default_factory=lambda: LSTMReaderOptions(d_model=64, num_layers=1, dropout=0.1))
    score_by: Literal["script", "words", "characters"] = field(default="script", metadata={"after_training": True})
    decision: DecisionOptions = field(default_factory=DecisionOptions, metadata={"after_training": True})
    training: Options = field(
        default_factory=lambda: Options(
            steps=1000,
            interval=250,
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
        columns = {name: getattr(self, name) for name in _COLUMNS if getattr(self, name)}
        for name, column in columns.items():
            if same := [other for other, one in columns.items() if one == column and other != name]:
                raise OptionError(name, f"to be another column than {same[0]}", column)
        if self.max_answer_length >= self.window or self.max_answer_length > self.max_context_length:
            expected = f"to be below window, {self.window}, and at most max_context_length, {self.max_context_length}"
            raise OptionError("max_answer_length", expected, self.max_answer_length)
        if not self.max_answer_length // 2 < self.overlap < self.window:
            expected = f"to be above half of max_answer_length and below window, {self.window}"
            raise OptionError("overlap", expected, self.overlap)
        if self.training.label_smoothing:
            raise OptionError("training.label_smoothing", "to be 0: spans are no words", self.training.label_smoothing)
        if self.training.xla:
            raise OptionError("training.xla", "to be left out: the number of windows follows from the data", True)

    @property
    def family(self) -> TransformerReaderOptions | LSTMReaderOptions:
        """The options of the chosen model."""
        return self.lstm if self.model == "lstm" else self.transformer
