"""Text classification: sentiment, topics, long documents; a Transformer, LSTMs or hierarchical attention.

Without options it learns generated opinions, of which words alone do not tell whether they praise or blame:

    tfmodels fit classification

a minute or two on 2 CPU cores; all of the validation opinions come out right. With labelled text in files, say SST-2:

    tfmodels fit classification --config tests/benchmarks/sst2.yaml --data sst2
"""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipelines.runs import Run
from pipelines.runs.explanation import Explanation
from pipelines.runs.report import Report
from pipelines.runs.servable import Servable
from pipelines.text import vocabulary
from tfmodels.training import Options

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from pipelines.classification.text_classifier import TextClassifier
    from tfmodels.training import Objective, TokenBatches


@dataclass(frozen=True)
class Config:
    """Options of classification. The defaults suit the generated opinions.

    Attributes:
        data: `generated` for generated opinions, `tfds:NAME` for a set of TensorFlow Datasets, a file, which is all
            training data, or a folder with a file or a folder of classes for each split: `train.csv`, `dev.tsv.gz`,
            `test/`. A folder of classes holds a folder for each class with a text in each .txt file.
        layout: How files are written: `columns` (.csv, .tsv or .jsonl, plain or .gz), `text-tab-label` or `label-text`
            (a blank between them).
        text: Column of the text.
        label: Column of the label.
        separator: What stands between the labels of a text that may have several or none; empty for exactly one.
        encoding: Of the files, such as `latin-1`.
        classes: Labels in the order of the answers, with commas between them; empty for those of the training data.
        on_bad: What to do about rows without text or label, labels that the training data does not have, the same text
            in two splits and classes without an example: `error` stops, `drop` leaves out, `warn` does the same and
            says so.
        validation_share: Of each class of the training data, what is held back where there is no validation split;
            always the same rows.
        class_weights: How much each class weighs in training: empty for each text alike, `balanced` for each class
            alike, or such as `spam=3,ham=1`.
        tokens: `subwords`, `words` or `characters`.
        vocabulary_size: Most tokens to know.
        start_from: Run whose best weights to start from (its folder, or its name under runs/), for short `--from`. A
            token that its vocabulary shares keeps its vector.
        keep_tokens: Take the tokens of that run too, whatever they are, in place of learning new ones.
        vectors: File of word vectors, `d_model` wide, that the tokens which are words start from (lines `word v1 v2
            ...`, plain or .gz: the text form of word2vec, GloVe and fastText). What `start_from` gives goes before.
        max_length: Most tokens of a text, its end included; longer ones are cut. The hierarchical model reads by the
            next two, and cuts only what the endpoint `explain` shows.
        max_sentences: Most sentences of a text that the hierarchical model reads.
        max_words: Most tokens of a sentence; a longer one goes on in the next.
        model: `transformer`, `lstm`, or `hierarchical` for long documents (words make sentences, sentences the text).
        num_layers: Layers of the Transformer or the LSTMs.
        d_model: Width of the states.
        num_heads: Heads of multi-head attention.
        dropout: Dropout rate.
        word_dropout: Share of tokens that training replaces by `<unk>`.
        feed_forward_dim: Inner width of the position-wise networks. This and the next two are the Transformer's.
        positions: `sinusoidal`, `learned` or `rotary`.
        query_chunk: Tokens that look at the text at a time, 0 for all: for long texts, in memory that grows with their
            length and not with its square; without dropout of attention weights.
        recurrent_dropout: Dropout rate on the recurrent states of LSTMs, one draw for all steps.
        attention: How the states are pooled: `additive`, `dot`, `general`, `scaled` or `multi_head`.
        ngrams: Tokens of the longest n-grams that have their say beside the network, as in a linear model; 0 for none.
        spelling: N-grams of the letters of each token have their say beside those n-grams.
        training: How to train.
    """

    data: str = "generated"
    layout: Literal["columns", "text-tab-label", "label-text"] = "columns"
    text: str = "text"
    label: str = "label"
    separator: str = ""
    encoding: str = "utf-8"
    classes: str = ""
    on_bad: Literal["error", "drop", "warn"] = "error"
    validation_share: float = 0.1
    class_weights: str = ""
    tokens: Literal["subwords", "words", "characters"] = "words"
    vocabulary_size: int = 10_000
    start_from: str = field(default="", metadata={"option": "from"})
    keep_tokens: bool = False
    vectors: str = ""
    max_length: int = 64
    max_sentences: int = 100
    max_words: int = 40
    model: Literal["transformer", "lstm", "hierarchical"] = "transformer"
    num_layers: int = 2
    d_model: int = 64
    num_heads: int = 4
    dropout: float = 0.1
    word_dropout: float = 0.0
    feed_forward_dim: int = 128
    positions: Literal["sinusoidal", "learned", "rotary"] = "rotary"
    query_chunk: int = 0
    recurrent_dropout: float = 0.0
    attention: Literal["additive", "dot", "general", "scaled", "multi_head"] = "additive"
    ngrams: int = 0
    spelling: bool = False
    training: Options = field(
        default_factory=lambda: Options(
            steps=900,
            interval=150,
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
        import codecs

        self.training.check_model(self.model)
        if self.d_model % (2 * self.num_heads):
            raise ValueError(
                "Expected d_model to be a multiple of twice num_heads. "
                f"Received: d_model={self.d_model}, num_heads={self.num_heads}"
            )
        for name in ("vocabulary_size", "num_layers", "max_sentences", "max_words"):
            if getattr(self, name) < 1:
                raise ValueError(f"Expected {name} to be at least 1. Received: {name}={getattr(self, name)}")
        if self.max_length < 2:
            raise ValueError(f"Expected max_length to be at least 2. Received: max_length={self.max_length}")
        for name in ("ngrams", "query_chunk"):
            if getattr(self, name) < 0:
                raise ValueError(f"Expected {name} to be at least 0. Received: {name}={getattr(self, name)}")
        if self.query_chunk and self.model != "transformer":
            raise ValueError(
                "Expected query_chunk with the Transformer only: no other model attends from each token to all. "
                f"Received: query_chunk={self.query_chunk}, model={self.model!r}"
            )
        for name in ("dropout", "word_dropout", "recurrent_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"Expected {name} in [0, 1). Received: {name}={getattr(self, name)}")
        if not 0 < self.validation_share < 1:
            raise ValueError(
                f"Expected validation_share between 0 and 1. Received: validation_share={self.validation_share}"
            )
        try:
            codecs.lookup(self.encoding)
        except LookupError:
            raise ValueError(f"Expected the name of an encoding. Received: encoding={self.encoding!r}") from None
        if self.spelling and not self.ngrams:
            raise ValueError("Expected ngrams of at least 1 with spelling. Received: ngrams=0, spelling=True")
        vocabulary.check(self)


def prepare(config: Config, run: Run) -> None:
    """Checks the data, learns the tokens and tokenises all splits, each only once."""
    from pipelines.classification import labelled_data
    from pipelines.text import token_vectors
    from tfmodels import training

    training.dtype_policy(config.training.precision)
    training.replicas(config.training.replicas)
    token_vectors.check(
        config, run, lambda config, origin: _network(config, vocabulary.read(origin).size, 1), config.d_model
    )
    labelled_data.prepare(config, run)


def datasets(config: Config, run: Run) -> "dict[str, TokenBatches]":
    """Batches of `(ids, classes, weights)` by split, of those that there are."""
    from pipelines.classification import labelled_data
    from pipelines.sources.split_names import SPLITS
    from pipelines.text import inputs
    from tfmodels import training

    options = config.training
    assemble = partial(
        labelled_data.assembled,
        inputs=inputs.make(config, run),
        count=len(labelled_data.classes(run)),
        several=bool(config.separator),
    )
    return {
        split: training.TokenBatches(
            training.TokenRows(run.assets / split),
            options.batch_tokens,
            training.replicas(options.replicas),
            options.seed,
            assemble,
            options.accumulate if split == "train" else 1,
        )
        for split in SPLITS
        if (run.assets / split).is_dir()
    }


def model(config: Config, run: Run) -> "keras.Model":
    """The network that `config` describes, with random weights."""
    from pipelines.classification import labelled_data

    return _network(config, vocabulary.read(run).size, len(labelled_data.classes(run)))


def objective(config: Config, run: Run) -> "Objective":
    """Cross-entropy of the classes; of each class for itself where a text may have several."""
    import tensorflow as tf

    from pipelines.classification import labelled_data
    from tfmodels import training

    weights = tf.constant(labelled_data.weights(run))
    smoothing, cross_entropy = config.training.label_smoothing, training.smoothed_cross_entropy

    def of_each(targets: tf.Tensor, logits: tf.Tensor, smoothing: float = 0.0) -> tf.Tensor:
        targets = (1 - smoothing) * targets + smoothing / 2
        return tf.nn.sigmoid_cross_entropy_with_logits(targets, logits)

    columns = (("accuracy", 8, "val_accuracy", ".2%"),)
    if config.separator:
        return training.Objective(
            lambda targets, logits: tf.linalg.matvec(of_each(targets, logits, smoothing), weights),
            lambda targets, logits: tf.reduce_sum(of_each(targets, logits), axis=-1),
            {"accuracy": _all_right},
            columns=columns,
        )
    return training.Objective(
        lambda targets, logits: cross_entropy(targets, logits, smoothing) * tf.gather(weights, targets),
        cross_entropy,
        {"accuracy": _right},
        columns=columns,
    )


def fit(config: Config, run: Run) -> None:
    """Trains, learns the temperature on the validation split, draws the curves and reports."""
    from pipelines.classification import classification_report, temperature
    from pipelines.runs import report
    from tfmodels import plots, training

    batches = datasets(config, run)
    train, validation = batches["train"], batches["validation"]
    print(
        f"{train.rows_per_epoch:,} texts in {train.steps_per_epoch:,} steps an epoch, "
        f"{train.waste:.1%} of their places padding or filler; {validation.rows_per_epoch:,} texts to validate on"
    )
    _, history = training.fit(
        partial(model, config, run),
        train,
        validation.one_epoch(),
        config.training,
        run.path,
        initialise=partial(_initialise, config, run),
        objective=objective(config, run),
    )
    plots.draw_curves(history, run.path / "curves.png")
    classifier = _trained(config, run)
    temperature.learn(config, run, classifier)
    learnt = classification_report.make(config, run, classifier, "validation")
    report.write(learnt, run.path)
    report.show(learnt)


def evaluate(config: Config, run: Run, split: str) -> Report:
    """Classifies a split and scores it, beside the majority class and logistic regression on words and their pairs."""
    from pipelines.classification import classification_report

    return classification_report.make(config, run, _trained(config, run), split)


def endpoints(config: Config, run: Run) -> Servable:
    """What the classifier can be asked, once exported: see `TextClassifier`."""
    from pipelines.classification import labelled_data, text_classifier
    from tfmodels import export

    classifier = _trained(config, run)
    texts = [row.text for row in labelled_data.read(config, "validation")[:4]]
    labels = ", ".join(classifier.classes)
    return Servable(
        classifier.endpoints(),
        [classifier.network, classifier.inputs.tokens, classifier.temperature],
        classifier.samples([*texts, *export.hard_texts()]),
        {
            "task": run.task,
            "columns": ["text"],
            "table": {"text": config.text, "encoding": config.encoding},
            "description": f"Classifies texts: {labels}.",
            "limits": [classifier.inputs.limit, *text_classifier.LIMITS],
        },
    )


def requests(path: Path, card: dict) -> list[str]:
    """Reads texts to classify: see `text_files.read_requests`."""
    from pipelines.classification import label_files

    return label_files.read_requests(path, card["table"])


def answers(path: Path, rows: list[str], outputs: list[dict], card: dict) -> None:
    """Writes labels and their probabilities: see `text_files.write_answers`."""
    from pipelines.classification import label_files

    label_files.write_answers(path, rows, outputs)


def explain(config: Config, run: Run, row: str) -> Explanation:
    """Colours the words of `row` by what the model looked at and by what its answer rests on."""
    from pipelines.classification import classification_explanation

    return classification_explanation.make(_trained(config, run), row)


def _initialise(config: Config, run: Run, network: "keras.Model") -> None:
    from pipelines.text import token_vectors
    from tfmodels import preprocessing

    if config.spelling:
        letters = network.spelling
        pieces = vocabulary.read(run).vocabulary()
        letters.spellings.assign(preprocessing.spellings(pieces, letters.width, letters.buckets))
    token_vectors.initialise(config, run, network)


def _network(config: Config, vocabulary_size: int, classes: int) -> "keras.Model":
    from tfmodels import models, training

    stack = {
        "num_layers": config.num_layers,
        "d_model": config.d_model,
        "num_heads": config.num_heads,
        "dropout": config.dropout,
        "attention": config.attention,
    }
    shared = {
        "word_dropout": config.word_dropout,
        "ngrams": config.ngrams,
        "spelling": config.spelling,
        "dtype": training.dtype_policy(config.training.precision),
    }
    if config.model == "transformer":
        options = models.TransformerClassifierOptions(
            **stack,
            feed_forward_dim=config.feed_forward_dim,
            positions=config.positions,
            query_chunk=config.query_chunk,
        )
        return models.TransformerClassifier(vocabulary_size, classes, options, max_length=config.max_length, **shared)
    family = models.LSTMClassifier if config.model == "lstm" else models.HierarchicalClassifier
    options = models.LSTMOptions(**stack, recurrent_dropout=config.recurrent_dropout)
    return family(vocabulary_size, classes, options, **shared)


def _right(targets: "tf.Tensor", logits: "tf.Tensor") -> "tf.Tensor":
    import tensorflow as tf

    return tf.cast(tf.equal(targets, tf.argmax(logits, axis=-1, output_type=targets.dtype)), tf.float32)


def _all_right(targets: "tf.Tensor", logits: "tf.Tensor") -> "tf.Tensor":
    """Of texts with several labels: those and no others."""
    import tensorflow as tf

    return tf.cast(tf.reduce_all(tf.equal(targets > 0, logits >= 0), axis=-1), tf.float32)


def _trained(config: Config, run: Run) -> "TextClassifier":
    """The classifier with the best weights of the run, and its temperature once that is learnt."""
    from pipelines.classification import labelled_data, temperature, text_classifier
    from pipelines.text import inputs
    from tfmodels import training

    network = model(config, run)
    network.build()
    training.restore_best(run.checkpoints, network)
    return text_classifier.TextClassifier(
        network,
        inputs.make(config, run),
        labelled_data.classes(run),
        temperature.read(config, run),
        config.separator,
    )
