"""A small data set of opinions, and the commands that learn it."""

import contextlib
import io
import random

from pipelines.cli import main

GOOD, BAD = ["fine", "bright", "warm", "kind"], ["dull", "grey", "cold", "rude"]
THINGS = ["film", "play", "song", "room"]
ROWS = {"train": 160, "val": 40, "test": 40}
FIT = [
    *["fit", "classification", "--run", "opinions", "--data", "opinions", "--max_length", "16"],
    *["--training.steps", "24", "--training.interval", "12", "--training.batch_tokens", "256"],
    *["--training.warmup_steps", "2", "--training.learning_rate", "2e-2", "--training.ema_decay", "0"],
]


def family(name, **options):
    """The options of a small model."""
    options = {"num_layers": 1, "d_model": 16, "num_heads": 2, "dropout": 0, **options}
    return ["--model", name, *(f"--{name}.{option}={value}" for option, value in options.items())]


FAMILIES = {
    "transformer": [
        *family("transformer", feed_forward_dim=32),
        "--tokens",
        "words",
        "--ngrams",
        "2",
        "--spelling=true",
    ],
    "lstm": [*family("lstm", attention="multi_head"), "--tokens", "subwords", "--vocabulary_size", "340"],
    "hierarchical": [*family("hierarchical", max_sentences=3, max_words=6), "--wide=true"],
}
SMALL = family("transformer", feed_forward_dim=32)


def write_opinions(folder):
    folder.mkdir()
    draw = random.Random(1)
    number = 0
    for split, count in ROWS.items():
        lines = ["text,label"]
        for label in ["good", "bad"] * (count // 2):
            number += 1
            word = draw.choice(GOOD if label == "good" else BAD)
            lines.append(
                f'"a {word} {draw.choice(THINGS)}, no. {number}. We saw the {draw.choice(THINGS)} here.",{label}'
            )
        (folder / f"{split}.csv").write_text("\n".join(lines))


def fit_with(name, *options):
    with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.redirect_stderr(printed):
        status = main.main([*FIT, "--run", name, *options])
    return status, printed.getvalue()
