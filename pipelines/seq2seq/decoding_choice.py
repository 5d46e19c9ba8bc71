"""Options of decoding chosen on the validation split, without training again."""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from pipelines.progress.progress_bars import progress_bar
from pipelines.runs.starting import chosen_options
from pipelines.seq2seq.config import DecodingOptions

if TYPE_CHECKING:
    from pipelines.runs import Run
    from pipelines.runs.predictor import Predictor

_BEAMS, _PENALTIES, _PHRASES = (4, 8), (0.6, 1.0, 1.4), (0, 1, 2)
_EQUAL = 0.1  # points of the primary metric, a tenth of the error of a thousand sentences: no reason to choose
_MORE = ("chrf", "repeated_phrases")  # metrics beside the primary one


class Scored(Protocol):
    """What a task's score of answers has to have; a higher primary score is better."""

    @property
    def primary(self) -> str:
        """The metric to choose by."""

    @property
    def metrics(self) -> dict[str, float]:
        """Metric -> score."""


class Trial(NamedTuple):
    """Options that were tried.

    Attributes:
        options: The options.
        metrics: Metric -> score, the mean over the runs; the first is the one to choose by.
        seconds: To answer all validation texts, without the time to build the search, the mean over the runs.
    """

    options: DecodingOptions
    metrics: dict[str, float]
    seconds: float


class Choice(NamedTuple):
    """What `choose_decoding` found.

    Attributes:
        options: The chosen options.
        trials: All that was tried, in the order of trying.
    """

    options: DecodingOptions
    trials: list[Trial]

    @property
    def is_tie(self) -> bool:
        """Whether no score tells the options apart."""
        return all(one.metrics == self.trials[0].metrics for one in self.trials)


def choose_decoding(
    members: "Sequence[Run]",
    pairs_of: "Callable[[Run], Sequence[Any]]",
    score: Callable[[Sequence[Any], list[str]], Scored],
) -> Choice:
    """Tries beam sizes and length penalties, then with the best ones the least phrases that answers may not repeat.

    Of the options within 0.1 points of the best primary score those are chosen whose answers repeat the fewest phrases,
    then those of the smallest beam, then the best; where all score the same, those of the runs. What was tried is kept
    in each run, so that the same call goes on where it was ended. Of several runs, such as of several seeds, the mean
    scores count.

    Args:
        members: Trained runs with the same options of decoding.
        pairs_of: Gives the validation pairs of a run, each with `source`.
        score: Scores the answers to all sources.

    Returns:
        The choice.

    Raises:
        ValueError: The options of decoding differ.

    Example:
        `choose_decoding([runs.load("multi30k")], pairs_of, score).options.length_penalty`
    """
    own = members[0].config.decoding
    for run in members[1:]:
        if run.config.decoding != own:
            raise ValueError(
                f"Expected runs with the same options of decoding. Received: {members[0].name} with {asdict(own)}, "
                f"{run.name} with {asdict(run.config.decoding)}"
            )
    tried = [_Tried(run, pairs_of(run), score) for run in members]
    grid, trials = _grid(own, min(one.widest for one in tried)), []
    phrases = sorted({*_PHRASES, own.no_repeat_phrase} - {own.no_repeat_phrase})
    with progress_bar("decoding validation, searches", (len(grid) + len(phrases)) * len(tried)) as count:

        def attempt(options: DecodingOptions) -> None:
            found = []
            for one in tried:
                found.append(one.attempt(options))
                count(1)
            metrics = {name: _mean([metrics[name] for metrics, _ in found]) for name in found[0][0]}
            trials.append(Trial(options, metrics, _mean([seconds for _, seconds in found])))

        for options in grid:
            attempt(options)
        best = _chosen(own, trials)
        for phrase in phrases:
            attempt(replace(best, no_repeat_phrase=phrase))
    return Choice(_chosen(own, trials), trials)


def best_of(trials: Sequence[Trial]) -> DecodingOptions:
    """The options to choose: see `choose_decoding`.

    Args:
        trials: At least one.

    Example:
        `best_of([Trial(DecodingOptions(), {"bleu": 38.0}, 5.0)])` -> `DecodingOptions()`
    """
    primary = next(iter(trials[0].metrics))
    least = max(one.metrics[primary] for one in trials) - _EQUAL
    equal = [one for one in trials if one.metrics[primary] >= least]

    def rank(one: Trial) -> tuple[float, int, float]:
        return one.metrics.get("repeated_phrases", 0.0), one.options.beam_size, -one.metrics[primary]

    return min(equal, key=rank).options


def _chosen(own: DecodingOptions, trials: list[Trial]) -> DecodingOptions:
    """The options to choose: those of the runs where nothing tells the others apart from them."""
    return own if Choice(own, trials).is_tie else best_of(trials)


def _grid(own: DecodingOptions, widest: int) -> list[DecodingOptions]:
    """The options of the runs first, then all others, beam by beam."""
    beams = [size for size in sorted({own.beam_size, *_BEAMS}) if size <= widest]
    found = [
        replace(own, beam_size=size, length_penalty=penalty)
        for size in beams
        for penalty in sorted({own.length_penalty, *_PENALTIES})
    ]
    return sorted(found, key=lambda options: options.beam_size != own.beam_size)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


class _Tried:
    """A run, and the options that were tried with it."""

    def __init__(self, run: "Run", pairs: Sequence[Any], score: Callable[[Sequence[Any], list[str]], Scored]) -> None:
        from pipelines.seq2seq.training import load_generator

        self.run, self.pairs, self.score = run, pairs, score
        self.generator = load_generator(run.config, run)
        self.widest = self.generator.subwords.size
        texts = hashlib.sha256(json.dumps([[pair.source, pair.target] for pair in pairs]).encode()).hexdigest()[:16]
        self.conditions = {"weights": run.weights_digest, "texts": texts}
        self.known = chosen_options.trials(run, self.conditions)
        self.search: tuple[DecodingOptions, Predictor] | None = None

    def attempt(self, options: DecodingOptions) -> tuple[dict[str, float], float]:
        """Metrics and seconds of options, from an earlier call if there was one."""
        key = json.dumps(asdict(options))
        if key not in self.known:
            sources = [pair.source for pair in self.pairs]
            self._answers(sources[:1], options)  # builds the search
            start = time.monotonic()
            outputs = self._answers(sources, options)
            seconds = time.monotonic() - start
            scored = self.score(self.pairs, outputs)
            metrics = {name: scored.metrics[name] for name in (scored.primary, *_MORE) if name in scored.metrics}
            self.known[key] = {"metrics": metrics, "seconds": seconds}
            chosen_options.write_trials(self.run, self.conditions, self.known)
        return self.known[key]["metrics"], self.known[key]["seconds"]

    def _answers(self, sources: list[str], options: DecodingOptions) -> list[str]:
        """As `answer_all` with these options; searches that differ in their length penalty alone are built once."""
        built = replace(options, length_penalty=0.0)
        if self.search is None or self.search[0] != built:
            self.search = built, _search(self.generator, built)
        columns = {"text": sources, "length_penalty": [options.length_penalty] * len(sources)}
        return [text.decode() for text in self.search[1].predict_columns(columns, ["text"])["text"]]


def _search(generator: Any, options: DecodingOptions) -> "Predictor":
    """Answers with the length penalty of each row."""
    import tensorflow as tf

    from pipelines.runs.predictor import in_memory
    from pipelines.seq2seq.generator import UNSET_LENGTH, UNSET_PREFIX, Generator
    from tfmodels.export import Endpoint

    lengths = generator.max_source_length, generator.max_answer_length
    other = Generator(generator.network, generator.subwords, *lengths, options)

    def answer(text: tf.Tensor, length_penalty: tf.Tensor) -> dict[str, tf.Tensor]:
        lengths, prefixes = (tf.fill(tf.shape(text), value) for value in (UNSET_LENGTH, UNSET_PREFIX))
        return other.answer_with_options(text, lengths, length_penalty, prefixes, None)

    inputs = tf.TensorSpec([None], tf.string, "text"), tf.TensorSpec([None], tf.float32, "length_penalty")
    return in_memory([Endpoint("serving_default", inputs, answer)], {"columns": ["text"]})
