"""Options of recommendation, without TensorFlow."""

from dataclasses import dataclass, field
from typing import Literal

from pipelines.recommendation.sides import event_sides
from pipelines.sources.events import feature_table
from pipelines.sources.files import file_options
from pipelines.sources.files.file_options import FileOptions
from tfmodels.checked_options import CheckedOptions, OptionError, check, check_family, option
from tfmodels.models.recommender_options import LSTMRecommenderOptions, TransformerRecommenderOptions
from tfmodels.training import Options

_MOST = 100_000  # items of a row of a request or an answer


@dataclass(frozen=True, kw_only=True)
class AnswerOptions(CheckedOptions):
    """What is answered.

    Attributes:
        k: Length of the answers.
        exclude_seen: Leave out items of the history from the answers.
        max_exclude: Most items that a request to the endpoint `with_options` leaves out.
        max_candidates: Most candidates that such a request has.
    """

    k: int = option(20, least=1, most=_MOST)
    exclude_seen: bool = True
    max_exclude: int = option(100, least=1, most=_MOST)
    max_candidates: int = option(100, least=1, most=_MOST)


@dataclass(frozen=True)
class Config(FileOptions):
    """Options of recommendation. The defaults suit the synthetic shop.

    Attributes:
        data: `synthetic` for a shop that does not exist; `tfds:NAME`, such as `tfds:movielens/100k-ratings`; a table of
            events (.csv, .tsv, .jsonl, .parquet, texts also .gz) or a folder of them; or a file of any other ending
            with a user and its items in each line, in order, with blanks between them.
        users: Users of the synthetic shop.
        user_column: Column of the user, or of the session, in a table. Empty = found, as are the others.
        item_column: Column of the item.
        time_column: Column of the time.
        time_format: Format of the time as in `strptime`; `s`, `ms`, `us` or `ns` since 1970; or `order` for numbers
            that only say which event is later. Empty = found.
        keep: Conditions that an event must meet, with commas between them: `rating>=4`, `event=buy|cart`.
        repeats: What becomes of an item that a user has again: `keep` keeps it, `neighbours` merges those without
            another item between them, `all` leaves only the first.
        session_gap: Hours without an event after which a new sequence begins; 0 never begins one.
        min_user_events: Fewest events of a user; those with fewer are left out, and again those that this makes rare.
        min_item_events: The same of an item.
        item_table: A table with an item in each row, whose columns are features of the items: those that training has
            not are then recommended, and read in histories, by them. Empty = items are their ids alone.
        item_features: Its columns, all if empty, each perhaps with what it holds: `title:text,year:number,
            genre:category`.
        user_table: A table with a user in each row, whose columns are known at each event of theirs. Exports have an
            input for each, with one value a row. Empty = nothing is known of users.
        user_features: Its columns, all if empty, each perhaps with what it holds: `age:number,gender:category`.
        id_dropout: Share of the items that a training step tells by their features alone.
        cold_share: Share of the items whose events are kept out of training, to score how well items without events are
            recommended; for `item_table`.
        items: Another such table of new items, which are recommended beside the others, without training; may be given
            after training.
        time_gaps: Reads how long after each event the next one was; the export then has an input `hours_ago`.
        context_columns: Further columns of a table of events that are read as categories, with commas between them; the
            export has an input for each.
        tie_order: Draws the order of a user's events at one time; 0 leaves them in the order of the file. Scores of
            several numbers say how far they depend on it.
        split: `leave_one_out`: the last event of each user is the test, the one before it the validation. `date`: two
            dates for all users, and each later event is predicted from those strictly before it.
        validation_share: Share of the events between the dates of `--split date`.
        test_share: Share of the events after them.
        on_bad: What to do about faults of rows: `error` stops, `drop` leaves out and says how many, `warn` says which,
            too.
        max_length: Most items of a history that are read, the last ones.
        answers: What is answered; may be changed after training.
        loss: `full` (cross-entropy over all items), `sampled` (over the right one and drawn ones, corrected by how
            often each is drawn), or `gbce` (each alone, right or not, calibrated; Petrov and Macdonald, 2023).
        negatives: Items that are drawn for a batch, with loss `sampled` and `gbce`.
        sampling: How they are drawn: `popular` or `uniform`; or `in_batch`: the next items of the other steps of the
            batch, with loss `sampled`.
        calibration: Of `gbce`, from 0 (none) to 1 (as if all items were drawn).
        wide: Adds a linear model from the history to the next item, fitted before the network, to the logits. Its share
            is chosen on the validation split, where the answers are then no worse than those of the linear model alone.
            For up to 30,000 items.
        start_from: Run whose best weights training starts from: its folder, or its name under `runs/`; items and words
            that it has keep their vectors. Empty = none.
        baselines: `all`, or `fast`, which leaves out of reports those that take minutes (EASE and the linear one).
        model: `transformer` or `lstm`.
        transformer: Options of `--model transformer`.
        lstm: Options of `--model lstm`.
        training: How to train.
    """

    data: str = "synthetic"
    users: int = option(4_000, least=10)
    user_column: str = ""
    item_column: str = ""
    time_column: str = ""
    time_format: str = ""
    keep: str = ""
    repeats: Literal["keep", "neighbours", "all"] = "keep"
    session_gap: float = option(0.0, least=0)
    min_user_events: int = option(1, least=1)
    min_item_events: int = option(1, least=1)
    item_table: str = ""
    item_features: str = ""
    user_table: str = ""
    user_features: str = ""
    id_dropout: float = option(0.2, least=0, below=1)
    cold_share: float = option(0.0, least=0, below=1)
    items: str = field(default="", metadata={"after_training": True})
    time_gaps: bool = False
    context_columns: str = ""
    tie_order: int = option(0, least=0)
    split: Literal["leave_one_out", "date"] = "leave_one_out"
    validation_share: float = option(0.1, above=0, below=1)
    test_share: float = option(0.1, above=0, below=1)
    on_bad: Literal["error", "drop", "warn"] = "error"
    max_length: int = option(50, least=1, most=_MOST)
    answers: AnswerOptions = field(default_factory=AnswerOptions, metadata={"after_training": True})
    loss: Literal["full", "sampled", "gbce"] = "full"
    negatives: int = option(256, least=1)
    sampling: Literal["popular", "uniform", "in_batch"] = "popular"
    calibration: float = option(0.75, least=0, most=1)
    wide: bool = False
    start_from: str = ""
    baselines: Literal["all", "fast"] = field(default="all", metadata={"after_training": True})
    model: Literal["transformer", "lstm"] = "transformer"
    transformer: TransformerRecommenderOptions = field(
        default_factory=lambda: TransformerRecommenderOptions(dropout=0.1, attention_dropout=0.0)
    )
    lstm: LSTMRecommenderOptions = field(default_factory=LSTMRecommenderOptions)
    training: Options = field(
        default_factory=lambda: Options(
            steps=800,
            interval=200,
            batch_tokens=4096,
            learning_rate=3e-3,
            schedule="cosine",
            warmup_steps=100,
            label_smoothing=0.0,
            ema_decay=0.99,
        )
    )

    def __post_init__(self) -> None:
        """Refuses what would only fail after the data is prepared."""
        check(self)
        check_family(self)
        self.training.check_model(self.model)
        if not self.data.strip():
            raise OptionError("data", "to be a file, a folder, synthetic or tfds:NAME", self.data)
        file_options.check(self)
        if self.validation_share + self.test_share >= 1:
            raise OptionError("test_share", "to leave events to train on beside validation_share", self.test_share)
        if self.training.label_smoothing and self.loss != "full":
            raise OptionError("training.label_smoothing", "to be 0 but for loss=full", self.training.label_smoothing)
        if self.sampling == "in_batch" and self.loss == "gbce":
            raise OptionError("sampling", "to be popular or uniform with loss=gbce", self.sampling)
        if not self.item_table and (self.item_features or self.cold_share or self.items):
            name = next(one for one in ("item_features", "cold_share", "items") if getattr(self, one))
            raise OptionError("item_table", f"to be a table of items, with {name}", self.item_table)
        if self.user_features and not self.user_table:
            raise OptionError("user_table", "to be a table of users, with user_features", self.user_table)
        feature_table.parse(self.item_features)
        feature_table.parse(self.user_features, "user")
        event_sides.parse(self.context_columns)
        if self.training.r_drop:
            raise OptionError("training.r_drop", "to be 0: it is for texts", self.training.r_drop)

    @property
    def family(self) -> TransformerRecommenderOptions | LSTMRecommenderOptions:
        """The options of the chosen model."""
        return self.lstm if self.model == "lstm" else self.transformer
