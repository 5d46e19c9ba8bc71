"""Converts JaQuAD and QAMR to the splits that question answering is measured on, in SQuAD's JSON.

JaQuAD (So et al., 2022): its articles stay as they are; the validation split is a tenth of the training questions, by
article, and the test split is what its folder `dev` has. QAMR (Michael et al., 2018): a context is a sentence, its
tokens with a blank between them, and its article is its id up to the third colon; a tenth of the questions is the
validation split, a tenth the test split, by article. Questions that repeat one on the same sentence become one with the
answers of all annotators. An answer whose tokens do not stand side by side is those tokens with the start -1. Articles
are chosen by digest: the splits are the same each time.

    python tests/benchmarks/questions_data.py --data qamr --to qamr_splits
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.sources.faults import Faults
from pipelines.sources.files import json_document, text_lines
from pipelines.sources.questions import question_checks, question_files, question_json, question_splits
from pipelines.sources.questions.question import Answer, Question
from pipelines.sources.questions.question_form import Form
from pipelines.sources.questions.question_rows import Row

_SHARE = 0.1
_QAMR, _SENTENCES = "filtered_dev.tsv.gz", "sentences_dev.tsv.gz"


def convert(folder: Path, to: Path) -> dict[str, str]:
    """Writes the splits of a data set, and returns what each of them has."""
    to.mkdir(parents=True, exist_ok=True)
    if (folder / _QAMR).is_file():
        _write_qamr(folder, to)
    elif (folder / "train").is_dir() and (folder / "dev").is_dir():
        _write_jaquad(folder, to)
    else:
        raise ValueError(f"Expected the folder of JaQuAD or of QAMR. Received: {folder}")
    return {path.name: _described(path) for path in sorted(to.glob("*.json"))}


def qamr(folder: Path) -> Iterator[Row]:
    """Reads the questions of QAMR, repeats included; columns 1 to 4 are not used."""
    lines = (line.partition("\t") for line in text_lines.read(folder / _SENTENCES))
    sentences = {name: text.split(" ") for name, _, text in lines}
    for number, line in enumerate(text_lines.read(folder / _QAMR), start=1):
        name, *_, question, asker, first, second = line.split("\t")
        chosen = (text.rpartition(":")[2] for text in (asker, first, second))
        answers = tuple(_answer(sentences[name], list(map(int, text.split()))) for text in chosen if text.strip())
        title = ":".join(name.split(":")[:3])
        context = " ".join(sentences[name])
        yield Row(Question(question, context, answers, f"{name}/{number}", title), f"line {number}")


def _answer(tokens: list[str], chosen: list[int]) -> Answer:
    """The tokens of some places as an answer."""
    text = " ".join(tokens[place] for place in chosen)
    first, last = chosen[0], chosen[-1]
    start = sum(len(token) + 1 for token in tokens[:first])
    return Answer(text, start if chosen == list(range(first, last + 1)) else -1)


def _write_qamr(folder: Path, to: Path) -> None:
    rows, _ = question_checks.merge(qamr(folder), Faults())
    rest, test = question_splits.hold_back(rows, _SHARE, "test")
    train, validation = question_splits.hold_back(rest, _SHARE * len(rows) / len(rest), "validation")
    for split, of in (("train", train), ("validation", validation), ("test", test)):
        question_json.write(to / f"{split}.json", [row.question for row in of])


def _write_jaquad(folder: Path, to: Path) -> None:
    train = list(question_files.read(folder / "train", Form(), Faults()))
    held = {row.question.title for row in question_splits.hold_back(train, _SHARE, "validation")[1]}
    articles = list(_articles(folder / "train"))
    _write(to / "train.json", [one for one in articles if one["title"] not in held])
    _write(to / "validation.json", [one for one in articles if one["title"] in held])
    _write(to / "test.json", list(_articles(folder / "dev")))


def _articles(folder: Path) -> Iterator[dict[str, Any]]:
    for path in question_files.paths(folder):
        yield from json_document.elements(path, "data")


def _write(path: Path, articles: list[dict[str, Any]]) -> None:
    path.write_text(json.dumps({"version": "JaQuAD", "data": articles}, ensure_ascii=False), encoding="utf-8")


def _described(path: Path) -> str:
    questions = [row.question for row in question_files.read(path, Form(), Faults())]
    titles, contexts = {one.title for one in questions}, {one.context for one in questions}
    answers = [answer for one in questions for answer in one.answers]
    apart = sum(answer.start < 0 for answer in answers)
    return (
        f"{len(questions):,} questions of {len(contexts):,} contexts of {len(titles):,} articles, {len(answers):,} "
        f"answers, {apart:,} of which are not one piece"
    )


def main() -> None:
    """Converts a data set."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of JaQuAD or of QAMR")
    parser.add_argument("--to", type=Path, required=True, help="the folder to write")
    arguments = parser.parse_args()
    for name, what in convert(arguments.data, arguments.to).items():
        print(f"{arguments.to / name}: {what}")


if __name__ == "__main__":
    main()
