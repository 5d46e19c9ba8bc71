"""Translation: a Transformer, or LSTMs with attention, from raw text in one language to raw text in another.

Without options it learns to rewrite English dates, numbers, currencies and the like (Unicode CLDR) in German:

    tfmodels fit translation

about 3 minutes on 2 CPU cores; some 98 % of the validation phrases come out exactly right. With a folder of text
pairs, say Multi30k:

    tfmodels fit translation --config tests/benchmarks/multi30k.yaml --data multi30k/tok
"""

import math
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipelines.runs import Run
from pipelines.runs.explanation import Explanation
from pipelines.runs.report import Report
from pipelines.runs.servable import Servable
from pipelines.seq2seq import data
from tfmodels.training import Options

if TYPE_CHECKING:
    import keras

    from pipelines.seq2seq.generator import TextToText
    from pipelines.sources.text.pair import Pair
    from pipelines.sources.text.parallel_text import Reader
    from tfmodels.training import TokenBatches


@dataclass(frozen=True)
class Config:
    """Options of translation. The defaults suit the generated phrases.

    Attributes:
        data: `cldr` for generated phrases, `tfds:NAME` for a translation set of TensorFlow Datasets, or a folder of
            text files such as train.en, train.de, val.en, val.de, test.en, test.de (plain or .gz). Several with commas
            between them, each with `*N` behind it if an epoch is to hold its pairs N times: `my/texts*3,other/texts`;
            validation and test are those of the first. What as a whole names a folder is that folder.
        source: Language to translate from, as the files or the data set name it; for `cldr` a Babel locale.
        target: Language to translate to.
        examples: Number of generated training phrases, for `cldr` only.
        vocabulary_size: Number of subwords, shared by both languages.
        subword_samples: Train on so many random segmentations of each text in place of the best one, 0 on the best one.
            They are drawn once (Kudo, 2018, draws anew in each epoch), so that a run can be repeated and resumed; an
            epoch has so many times the rows, of more tokens each.
        subword_alpha: Exponent of the probability that a segmentation is drawn with; 0 draws evenly.
        start_from: Run whose best weights to start from (its folder, or its name under runs/), for short `--from`. A
            piece that its vocabulary shares keeps its vector.
        keep_tokens: Take the subwords of that run too, whatever `vocabulary_size` is, in place of learning new ones.
        vectors: File of word vectors, `d_model` wide, that the pieces which are words start from (lines `word v1 v2
            ...`, plain or .gz: the text form of word2vec, GloVe and fastText). What `start_from` gives goes before.
        max_length: Most tokens of a text, its end included; longer ones are cut.
        model: `transformer` or `lstm`.
        num_layers: Layers of the encoder, and of the decoder.
        d_model: Width of the states.
        num_heads: Heads of multi-head attention.
        dropout: Dropout rate.
        feed_forward_dim: Inner width of the position-wise networks. This and the next three are the Transformer's.
        activation: `relu`, `gelu` or `swiglu`.
        norm_first: Normalise before each branch instead of after it.
        positions: `sinusoidal`, `learned` or `rotary`.
        attention: How the LSTM's decoder looks at the source: `additive`, `dot`, `general`, `scaled` or `multi_head`.
            The products of `dot` grow with `d_model`: at 256 it looks at one token only and learns badly; `scaled`
            divides them. This and the next four are the LSTM's.
        attention_dropout: Dropout rate on the weights of that attention; with one head it hides the very word that is
            translated.
        recurrent_dropout: Dropout rate on the recurrent states, one draw for all steps.
        weight_drop: Dropout rate on the recurrent weights.
        layer_norm: Normalise inside the cell.
        beam_size: Width of the beam search, also the number of answers of the endpoint `nbest`.
        length_penalty: Exponent of the length penalty; 0 favours short answers.
        no_repeat_ngram: Size of the n-grams of subwords that must not occur twice in an answer; 0 = any may.
        coverage_penalty: Weight of the coverage penalty, about 0.2 where answers leave words of their source out; 0 =
            none.
        training: How to train.
    """

    data: str = "cldr"
    source: str = "en"
    target: str = "de"
    examples: int = 30_000
    vocabulary_size: int = 500
    subword_samples: int = 0
    subword_alpha: float = 0.1
    start_from: str = field(default="", metadata={"option": "from"})
    keep_tokens: bool = False
    vectors: str = ""
    max_length: int = 64
    model: Literal["transformer", "lstm"] = "transformer"
    num_layers: int = 2
    d_model: int = 96
    num_heads: int = 4
    dropout: float = 0.0
    feed_forward_dim: int = 192
    activation: Literal["relu", "gelu", "swiglu"] = "relu"
    norm_first: bool = True
    positions: Literal["sinusoidal", "learned", "rotary"] = "rotary"
    attention: Literal["additive", "dot", "general", "scaled", "multi_head"] = "multi_head"
    attention_dropout: float = 0.0
    recurrent_dropout: float = 0.0
    weight_drop: float = 0.0
    layer_norm: bool = False
    beam_size: int = 4
    length_penalty: float = 0.6
    no_repeat_ngram: int = 0
    coverage_penalty: float = 0.0
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
        """Refuses sizes that would only fail after the data is prepared."""
        self.training.check_model(self.model)
        if self.training.xla and self.layer_norm:
            raise ValueError(
                "Expected training.xla without layer_norm: loops that normalise are not compiled. "
                "Received: xla=True, layer_norm=True"
            )
        if self.d_model % (2 * self.num_heads):
            raise ValueError(
                "Expected d_model to be a multiple of twice num_heads. "
                f"Received: d_model={self.d_model}, num_heads={self.num_heads}"
            )
        for name in ("dropout", "attention_dropout", "recurrent_dropout", "weight_drop"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"Expected {name} in [0, 1). Received: {name}={getattr(self, name)}")
        for name in ("no_repeat_ngram", "coverage_penalty"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"Expected {name} to be 0 or more. Received: {name}={getattr(self, name)}")
        data.check(self)


def prepare(config: Config, run: Run) -> None:
    """Checks the data, learns the subwords and tokenises all splits, each only once."""
    from pipelines.sources.text import parallel_text
    from pipelines.text import token_vectors
    from tfmodels import training

    options = config.training
    training.dtype_policy(options.precision)
    training.replicas(options.replicas)
    sources = parallel_text.readers(config.data, config.source, config.target, config.examples, options.seed)
    token_vectors.check(config, run, model, config.d_model)
    print(f"Preparing {config.data}: subwords and tokens go to {run.assets}")
    data.prepare(config, run, sources)


def datasets(config: Config, run: Run) -> "dict[str, TokenBatches]":
    """Batches of `({"source", "target"}, targets, weights)` by split."""
    from pipelines.sources.split_names import SPLITS
    from tfmodels import training

    options = config.training
    return {
        split: training.TokenBatches(
            training.TokenRows(run.assets / split),
            options.batch_tokens,
            training.replicas(options.replicas),
            options.seed,
            data.teacher_forced,
            options.accumulate if split == "train" else 1,
        )
        for split in SPLITS
    }


def model(config: Config, run: Run) -> "keras.Model":
    """The network that `config` describes, with random weights."""
    from tfmodels import models, training

    size, policy = data.subwords(run).size, training.dtype_policy(config.training.precision)
    shared = {name: getattr(config, name) for name in ("num_layers", "d_model", "num_heads", "dropout")}
    if config.model == "lstm":
        lstm = models.LSTMOptions(
            **shared,
            attention=config.attention,
            attention_dropout=config.attention_dropout,
            recurrent_dropout=config.recurrent_dropout,
            weight_drop=config.weight_drop,
            layer_norm=config.layer_norm,
        )
        return models.LSTMSeq2Seq(size, lstm, dtype=policy)
    transformer = models.TransformerOptions(
        **shared,
        feed_forward_dim=config.feed_forward_dim,
        activation=config.activation,
        norm_first=config.norm_first,
        positions=config.positions,
    )
    return models.TransformerSeq2Seq(size, transformer, max_length=config.max_length, dtype=policy)


def fit(config: Config, run: Run) -> None:
    """Trains, draws the curves and reports on the validation split."""
    from pipelines.runs import report
    from pipelines.text import token_vectors
    from tfmodels import plots, training

    batches = datasets(config, run)
    train, validation = batches["train"], batches["validation"]
    print(
        f"{train.tokens_per_epoch:,} tokens in {train.steps_per_epoch:,} steps an epoch, "
        f"{train.waste:.1%} of their places padding or filler"
    )
    _, history = training.fit(
        partial(model, config, run),
        train,
        validation.one_epoch(),
        config.training,
        run.path,
        initialise=partial(token_vectors.initialise, config, run),
    )
    plots.draw_curves(history, run.path / "curves.png")
    learnt = evaluate(config, run, "validation")
    report.write(learnt, run.path)
    report.show(learnt)


def evaluate(config: Config, run: Run, split: str) -> Report:
    """Translates a split with beam search and scores it, beside the baseline of copying the source."""
    from pipelines import runs
    from pipelines.runs import overfitting, report
    from pipelines.seq2seq import generator
    from pipelines.text import token_vectors
    from tfmodels import metrics, training

    translator = _trained(config, run)
    batches = datasets(config, run)[split]
    pairs = list(_reader(config)(split))
    references = [pair.target for pair in pairs]
    sources = [pair.source for pair in pairs]
    outputs = generator.answer_all(translator, sources)
    tokenized = metrics.looks_tokenized(references)
    scores, signatures = metrics.translation_scores(outputs, references, tokenized)
    likelihood = training.validate(translator.network, batches.one_epoch())
    kinds = sorted({pair.kind for pair in pairs} - {""})
    primary = "exact_match" if kinds else "bleu_tokenized" if tokenized else "bleu"
    lengths = training.TokenRows(run.assets / split).lengths.values()
    full = sum(int((side == config.max_length).sum()) for side in lengths)
    return Report(
        task="translation",
        model=type(translator.network).__name__,
        split=split,
        primary={"metric": primary, "higher_is_better": True},
        metrics={
            **scores,
            "loss": likelihood["loss"],
            "perplexity": math.exp(likelihood["loss"]),
            "token_accuracy": 100 * likelihood["accuracy"],
        },
        baselines={"copy the source": metrics.translation_scores(sources, references, tokenized).scores},
        tables=[
            *([_by_kind(kinds, pairs, outputs)] if kinds else []),
            overfitting.table(run.history),
            *filter(None, [data.sources_table(run)]),
            {
                "title": "signatures",
                "columns": ["metric", "signature"],
                "rows": [list(row) for row in signatures.items()],
            },
        ],
        examples=report.pick_examples(sources, references, outputs, metrics.sentence_scores(outputs, references)),
        seed=config.training.seed,
        parameters=translator.network.count_params(),
        train_seconds=sum(row["seconds"] for row in run.history),
        command=runs.command_line(),
        notes=[
            f"{len(pairs):,} pairs, none left out; {full:,} texts reach {config.max_length} tokens, where they are cut",
            overfitting.verdict(run.history),
            f"beam {config.beam_size}, length penalty {config.length_penalty}, "
            f"coverage penalty {config.coverage_penalty}, no_repeat_ngram {config.no_repeat_ngram}",
            *data.notes(config),
            *token_vectors.notes(config),
        ],
    )


def endpoints(config: Config, run: Run) -> Servable:
    """What the translator can be asked, once exported: see `TextToText`."""
    from pipelines.seq2seq import generator
    from tfmodels import export

    translator = _trained(config, run)
    texts = [pair.source for pair, _ in zip(_reader(config)("validation"), range(4), strict=False)]
    return Servable(
        translator.endpoints(),
        [translator.network, translator.subwords],
        translator.samples([*texts, *export.hard_texts()]),
        {
            "task": run.task,
            "columns": ["text"],
            "description": f"Translates {config.source} to {config.target}.",
            "limits": [
                f"A text is cut to {config.max_length} tokens, its end included.",
                f"An answer has at most {config.max_length} tokens, and at most twice those of its text and ten more.",
                *generator.OPTIONS,
            ],
        },
    )


def requests(path: Path, card: dict) -> list[str]:
    """Reads texts to translate, one a line; as in training only a newline ends a line."""
    from pipelines.sources.text import text_lines

    return list(text_lines.read(path))


def answers(path: Path, rows: list[str], outputs: list[dict], card: dict) -> None:
    """Writes translations, one a line."""
    lines = (row["text"].replace("\n", " ") for row in outputs)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def explain(config: Config, run: Run, row: str) -> Explanation:
    """Draws what each token of the translation of `row` looked at."""
    from pipelines.seq2seq import generator

    return generator.explain(_trained(config, run), row)


def _reader(config: Config) -> "Reader":
    """Reads the source that is validated and tested on."""
    from pipelines.sources.text import mixture, parallel_text

    first = mixture.parse(config.data)[0].name
    return parallel_text.reader(first, config.source, config.target, config.examples, config.training.seed)


def _trained(config: Config, run: Run) -> "TextToText":
    """The translator with the best weights of the run."""
    from pipelines.seq2seq.generator import TextToText
    from tfmodels import training

    network = model(config, run)
    network.build()
    training.restore_best(run.checkpoints, network)
    return TextToText(
        network,
        data.subwords(run),
        config.max_length,
        config.beam_size,
        config.length_penalty,
        config.no_repeat_ngram,
        config.coverage_penalty,
    )


def _by_kind(kinds: list[str], pairs: "list[Pair]", outputs: list[str]) -> dict:
    """A table of exact matches for each kind of phrase."""
    rows = []
    for kind in kinds:
        right = [pair.target == output for pair, output in zip(pairs, outputs, strict=True) if pair.kind == kind]
        rows.append([kind, len(right), 100 * sum(right) / len(right)])
    return {"title": "exactly right, by kind", "columns": ["kind", "phrases", "percent"], "rows": rows}
