"""A small data set of numbers in words and in digits, and the command that learns it."""

import random

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
ROWS = {"train": 120, "val": 20, "test": 20}
FIT = [
    *["fit", "translation", "--data", "numbers", "--source", "words", "--target", "digits"],
    *["--vocabulary_size", "320", "--max_source_length", "20", "--max_target_length", "12"],
    *["--decoding.beam_size", "2", "--training.steps", "8", "--training.interval", "4"],
    *["--training.batch_tokens", "400", "--training.warmup_steps", "2"],
]
TRANSFORMER = [
    *["--transformer.num_layers", "1", "--transformer.d_model", "16", "--transformer.num_heads", "2"],
    *["--transformer.feed_forward_dim", "32"],
]


def write_numbers(folder):
    folder.mkdir()
    draw = random.Random(1)
    for split, rows in ROWS.items():
        numbers = [str(draw.randrange(10_000)) for _ in range(rows)]
        words = [" ".join(WORDS[int(digit)] for digit in number) for number in numbers]
        (folder / f"{split}.words").write_text("".join(f"{text}\n" for text in words))
        (folder / f"{split}.digits").write_text("".join(f"{number}\n" for number in numbers))
