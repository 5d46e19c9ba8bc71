"""Roman numerals: learns to write 1987 as MCMLXXXVII."""

import random
from dataclasses import dataclass, field
from typing import Literal

from pipelines import seq2seq
from pipelines.seq2seq import answers, datasets, explain, model, requests
from tfmodels.models import LSTMOptions
from tfmodels.training import Options

SIGNS = {"M": 1000, "CM": 900, "D": 500, "CD": 400, "C": 100, "XC": 90}
SIGNS |= {"L": 50, "XL": 40, "X": 10, "IX": 9, "V": 5, "IV": 4, "I": 1}

# of all numbers in random order
NUMBERS = {
    "test": slice(0, 400),
    "validation": slice(400, 800),
    "train": slice(800, None),
}


def small():
    return LSTMOptions(num_layers=1, d_model=64, dropout=0.0)


def greedy():
    return seq2seq.DecodingOptions(beam_size=1, length_penalty=0.0)


def short():
    return Options(
        steps=600,
        interval=200,
        learning_rate=4e-3,
        schedule="cosine",
        warmup_steps=60,
        label_smoothing=0.0,
    )


@dataclass(frozen=True, kw_only=True)
class Config(seq2seq.Config):
    """Options of every task from text to text; your own go here."""

    vocabulary_size: int = 300
    max_source_length: int = 24
    max_target_length: int = 24
    model: Literal["transformer", "lstm"] = "lstm"
    lstm: LSTMOptions = field(default_factory=small)
    decoding: seq2seq.DecodingOptions = field(default_factory=greedy)
    training: Options = field(default_factory=short)


def pairs(split):
    numbers = random.Random(1).sample(range(1, 4000), 3999)[NUMBERS[split]]
    return [(str(number), numeral(number)) for number in numbers]


def numeral(number):
    text = ""
    for sign, value in SIGNS.items():
        text, number = text + number // value * sign, number % value
    return text


def prepare(config, run):
    seq2seq.prepare(config, run, seq2seq.one_source("numbers", pairs))


def fit(config, run):
    seq2seq.fit(config, run, evaluate)


def evaluate(config, run, split):
    generator = seq2seq.load_generator(config, run)
    numbers, numerals = zip(*pairs(split), strict=True)
    answered = seq2seq.answer_all(generator, numbers)
    known = [int(number) for number, _ in pairs("train")]
    nearest = [numeral(closest(int(number), known)) for number in numbers]
    return seq2seq.make_report(
        config,
        run,
        split,
        generator,
        primary="exact_match",
        metrics=score(answered, numerals),
        baselines={"nearest number known": score(nearest, numerals)},
    )


def closest(number, known):
    return min(known, key=lambda other: abs(other - number))


def score(answered, numerals):
    right = sum(map(str.__eq__, answered, numerals))
    return {"exact_match": 100 * right / len(numerals)}


def endpoints(config, run):
    purpose = "Writes numbers below 4,000 in Roman numerals."
    texts = ["1987", "4"]
    return seq2seq.servable(config, run, purpose, texts, example=texts[0])
