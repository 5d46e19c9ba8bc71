"""A small data set of questions, and the commands that learn it."""

import contextlib
import io
import json
import random

from pipelines.cli import main

NAMES = ["Anna", "Bo", "Änne", "Dora", "Emil", "Frida"]
TOWNS = ["Oslo", "Bonn", "Łódź", "Rome", "Wien", "Kiel"]
FIT = [
    *["fit", "question_answering", "--data", "questions", "--tokens", "words", "--vocabulary_size", "40"],
    *["--max_context_length", "40", "--max_question_length", "8", "--max_answer_length", "2"],
    *["--window", "12", "--overlap", "4", "--lstm.d_model", "8", "--lstm.num_layers", "1", "--lstm.dropout", "0"],
    *["--training.steps", "4", "--training.interval", "2", "--training.batch_tokens", "400"],
    *["--training.warmup_steps", "1", "--training.learning_rate", "1e-2", "--training.ema_decay", "0"],
]


def write_questions(folder):
    """Who is where, in two sentences; of a town that is not there nothing is said."""
    folder.mkdir()
    draw = random.Random(1)
    number = 0
    for split, count in (("train", 24), ("dev", 8), ("test", 8)):
        rows = []
        for _ in range(count):
            number += 1
            (one, other), (here, there, nowhere) = draw.sample(NAMES, 2), draw.sample(TOWNS, 3)
            context = f"Note {number} of {split}. {one} is in {here} today. {other} is in {there}."
            asked, answer = draw.choice([(here, one), (there, other), (nowhere, "")])
            rows.append({"id": f"q{number}", "question": f"Who is in {asked}?", "context": context, "answer": answer})
        lines = (json.dumps(row, ensure_ascii=False) for row in rows)
        (folder / f"{split}.jsonl").write_text("\n".join(lines), encoding="utf-8")


def fit_with(name, *options):
    with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.redirect_stderr(printed):
        status = main.main([*FIT, "--run", name, *options])
    return status, printed.getvalue()
