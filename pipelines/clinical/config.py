"""Options of clinical series, without TensorFlow."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from pipelines.runs.rows import class_weights, quantile_levels
from pipelines.sources.files import file_options
from pipelines.sources.files.file_options import FileOptions
from pipelines.text.text_options import Tokens
from tfmodels import option_lists
from tfmodels.checked_options import CheckedOptions, OptionError, check, check_family, option
from tfmodels.models.event_options import LSTMEventOptions, TransformerEventOptions
from tfmodels.training import Options

_OF_RISKS = ("positive", "score_columns", "aim", "aim_value")  # options of a binary head alone
ALL, NONE = "all", "none"
_LISTS = ("score_columns", "missing", "missing_variables", "static_variables", "categories", "note_variables",
          "static_inputs")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class DecisionOptions(CheckedOptions):
    """From which probability on an entity is predicted as positive.

    Attributes:
        threshold: The probability; -1 = that which the training chose on the validation split by `--aim`.
    """

    threshold: float = option(-1.0, least=-1, most=1)

    def __post_init__(self) -> None:
        """Refuses negative probabilities."""
        super().__post_init__()
        if -1 < self.threshold < 0:
            raise OptionError("threshold", "to be from 0 to 1, or -1 for that of the training", self.threshold)


@dataclass(frozen=True, kw_only=True)
class OtherTables(CheckedOptions):
    """Tables beside other measurements that `evaluate --data` names.

    Attributes:
        labels_file: Their labels. Empty = the run's `labels_file`, which must hold theirs, too.
        static: Their static fields. Empty = the run's `static`.
        notes: Their notes. Empty = the run's `notes`.
    """

    labels_file: str = ""
    static: str = ""
    notes: str = ""


@dataclass(frozen=True)
class Config(FileOptions):
    """Options of clinical series. The defaults suit the synthetic stays.

    Attributes:
        data: `synthetic` for stays of patients who do not exist; a table of measurements, a row each (.csv, .tsv,
            .jsonl, .parquet, texts also .gz); a folder of such tables; the root of a MEDS data set; or a folder of
            PhysioNet's files of 2012, one a stay.
        labels_file: Table of the labels, a row for each entity, or for each time at which something is predicted.
        labels: Its column to predict, see `head`. Empty = the only one that can be. No other column of the table
            is ever an input.
        head: What is predicted: `binary`, the risk of one of two classes; `classes`, the probabilities of several; or
            `numbers`, with a mean and quantiles.
        levels: Levels of the quantiles of numbers, rising and symmetrical about 0.5, with commas between them.
        class_weights: Weights of the classes in the training loss: empty, `balanced`, or such as `died=3`. What is
            answered is calibrated without them.
        positive: The class whose probability is predicted. Empty = found, such as 1, yes or true.
        score_columns: Columns of the labels' table with severity scores, which are baselines; with commas between them.
        static: Table of static fields, a row for each entity. Empty = none.
        notes: Table of notes, a row for each: entity, time and text. Empty = none; synthetic stays have theirs.
        limits: Table of possible values, with columns `variable`, `low` and `high`; others are left out, in answers,
            too. Empty = none.
        stays: Number of synthetic stays.
        entity_column: Column of the entity in all tables: a patient, a stay, a machine. Empty = found, as are the
            others.
        time_column: Column of the time of a measurement.
        variable_column: Column of what was measured.
        value_column: Column of the value.
        text_column: Column of values that are words, beside one of numbers.
        note_column: Column of the texts of notes.
        prediction_time_column: Column of the labels' table with the time of each prediction, after which nothing is
            seen; `none` = all may be seen.
        time_format: `hours`, `minutes`, `seconds` or `days` since any beginning, `HH:MM`, or the format of timestamps
            as in `strptime`. Empty = found.
        decimal: Decimal mark. Empty = found.
        thousands: Thousands mark.
        missing: Texts that mean a missing value, with commas between them. Numbers count for `missing_variables` alone.
        missing_variables: Variables for which the numbers among `missing` mean a missing value.
        static_variables: Variables among the measurements that are static fields.
        categories: Variables whose values are words, whatever they hold.
        note_variables: Variables among the measurements whose values are notes.
        on_bad: What to do about faults of rows: `error` stops, `drop` leaves out and says how many, `warn` says which,
            too.
        validation_share: Share of the entities that training stops by, and calibration and threshold are learnt on.
            Where files or metadata name splits, these count.
        test_share: Share of the entities of the test split.
        min_entities: Fewest entities of the training part that have a variable; rarer ones are left out.
        static_inputs: Static fields that the model reads: `all`, `none`, or their names with commas between them.
        aggregates: Whether the model also reads first, last, mean, least and largest value, number, slope, deviation
            and recent mean of each variable, beside the measurements themselves.
        wide: Adds the mean of a piecewise linear model and of boosted trees of static fields and aggregates, fitted
            before the network, from which training starts.
        read_notes: Whether the model reads notes, where there are any: measurements attend to their words.
        max_notes: Most notes of a case that are read, the latest.
        max_note_length: Most tokens of a note, its end included.
        tokens: Kind of tokens of notes: `words`, `subwords` or `characters`.
        vocabulary_size: Largest number of distinct tokens, four reserved ones included.
        normalize: Form of Unicode that notes are brought to, in training and when served: `nfc` or `none`.
        modality_dropout: Share of the training cases from which a model that reads notes sees all but one of
            measurements, static fields and notes, so that each of them may be missing.
        max_events: Most measurements that are read, the latest; 0 = as many as 99 % of the training histories have.
        cut_share: Share of the training histories that end at a random hour, anew in each epoch, so that answers early
            in a stay are learnt, too.
        aim: How the threshold is chosen: `balance` makes the smaller of precision and sensitivity as large as can be;
            `sensitivity` reaches a sensitivity of `aim_value`; `cost` weighs a missed positive as `aim_value` false
            alarms.
        aim_value: See `aim`.
        groups: Static fields whose groups are compared in reports, perhaps with ranges: `Gender,Age:0-49|50-64|65-`.
            They need not be inputs.
        decision: From when on an entity is positive; may be changed after training.
        other: Tables beside other measurements, for `evaluate --data`.
        model: `transformer` or `lstm`.
        transformer: Options of `--model transformer`.
        lstm: Options of `--model lstm`.
        training: How to train; tokens are measurements.
    """

    data: str = "synthetic"
    labels_file: str = ""
    labels: str = ""
    head: Literal["binary", "classes", "numbers"] = "binary"
    levels: str = "0.05,0.25,0.5,0.75,0.95"
    class_weights: str = ""
    positive: str = ""
    score_columns: str = ""
    static: str = ""
    notes: str = ""
    limits: str = ""
    stays: int = option(2_000, least=50)
    entity_column: str = ""
    time_column: str = ""
    variable_column: str = ""
    value_column: str = ""
    text_column: str = ""
    note_column: str = ""
    prediction_time_column: str = ""
    time_format: str = ""
    decimal: str = ""
    thousands: str = ""
    missing: str = ""
    missing_variables: str = ""
    static_variables: str = ""
    categories: str = ""
    note_variables: str = ""
    on_bad: Literal["error", "drop", "warn"] = "error"
    validation_share: float = option(0.15, above=0, below=1)
    test_share: float = option(0.15, above=0, below=1)
    min_entities: int = option(1, least=1)
    static_inputs: str = ALL
    aggregates: bool = True
    wide: bool = False
    read_notes: bool = True
    max_notes: int = option(8, least=1)
    max_note_length: int = option(64, least=2)
    tokens: Tokens = "words"
    vocabulary_size: int = option(10_000, least=5)
    normalize: Literal["nfc", "none"] = "nfc"
    modality_dropout: float = option(0.1, least=0, below=1)
    max_events: int = option(0, least=0)
    cut_share: float = option(0.3, least=0, most=1)
    aim: Literal["balance", "sensitivity", "cost"] = "balance"
    aim_value: float = option(0.0, least=0)
    groups: str = field(default="", metadata={"after_training": True})
    decision: DecisionOptions = field(default_factory=DecisionOptions, metadata={"after_training": True})
    other: OtherTables = field(default_factory=OtherTables, metadata={"after_training": True})
    model: Literal["transformer", "lstm"] = "transformer"
    transformer: TransformerEventOptions = field(
        default_factory=lambda: TransformerEventOptions(dropout=0.1, event_dropout=0.0)
    )
    lstm: LSTMEventOptions = field(default_factory=lambda: LSTMEventOptions(dropout=0.1, event_dropout=0.0))
    training: Options = field(
        default_factory=lambda: Options(
            epochs=40,
            batch_tokens=4096,
            learning_rate=2e-3,
            schedule="cosine",
            warmup_steps=100,
            weight_decay=1e-3,
            label_smoothing=0.0,
            ema_decay=0.99,
            patience=10,
        )
    )

    keep_tokens: ClassVar[bool] = False  # of another run

    def __post_init__(self) -> None:
        """Refuses what would only fail after the data is prepared."""
        check(self)
        check_family(self)
        self.training.check_model(self.model)
        file_options.check(self)
        if not self.data.strip():
            raise OptionError("data", "to be synthetic, a file or a folder", self.data)
        if self.data != "synthetic" and not self.labels_file:
            raise OptionError("labels_file", "to be a table of labels for --data " + self.data, self.labels_file)
        if len(option_lists.split(self.labels)) > 1:
            raise OptionError("labels", "to be one column", self.labels)
        for name in _LISTS:
            option_lists.split(getattr(self, name))  # refuses what is no list
        if self.validation_share + self.test_share >= 1:
            raise OptionError("test_share", "to leave entities to train on beside validation_share", self.test_share)
        if self.training.label_smoothing or self.training.r_drop:
            name = "label_smoothing" if self.training.label_smoothing else "r_drop"
            raise OptionError(f"training.{name}", "to be 0: it is for texts", getattr(self.training, name))
        if self.read_notes and (self.notes or self.note_variables) and self.family.d_model % 2:
            raise OptionError(f"{self.model}.d_model", "to be even for a model that reads notes", self.family.d_model)
        quantile_levels.parse(self.levels)
        class_weights.check(self.class_weights)
        for name in _OF_RISKS if self.head != "binary" else ():
            if getattr(self, name) != getattr(type(self), name, ""):
                raise OptionError(name, f"to be left out with head={self.head}", getattr(self, name))
        if self.head != "binary" and self.wide:
            raise OptionError("wide", f"to be left out with head={self.head}: it is for risks", True)
        if self.head == "numbers" and self.class_weights:
            raise OptionError("class_weights", "to be left out with head=numbers", self.class_weights)
        if self.head != "binary" and self.decision.threshold >= 0:
            raise OptionError("decision.threshold", f"to be left out with head={self.head}", self.decision.threshold)
        if self.aim == "sensitivity" and not 0 < self.aim_value <= 1:
            raise OptionError("aim_value", "to be a sensitivity above 0 and at most 1", self.aim_value)
        if self.aim == "cost" and not self.aim_value > 0:
            raise OptionError("aim_value", "to be a cost above 0", self.aim_value)
        if self.aim == "balance" and self.aim_value:
            raise OptionError("aim_value", "to be 0 with aim=balance", self.aim_value)
        if self.wide and not self.aggregates and self.static_inputs == NONE:
            raise OptionError("wide", "to be false without static_inputs and aggregates, of which it is", True)
        if self.groups:
            from pipelines.sources.measurements import static_groups

            static_groups.parse(self.groups)

    @property
    def family(self) -> TransformerEventOptions | LSTMEventOptions:
        """The options of the chosen model."""
        return self.lstm if self.model == "lstm" else self.transformer
