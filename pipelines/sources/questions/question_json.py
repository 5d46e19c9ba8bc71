"""Questions in SQuAD's JSON, versions 1.1 and 2.0: articles of paragraphs, and the questions of each."""

import gzip
import itertools
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pipelines.sources.faults import Faults
from pipelines.sources.files import json_document
from pipelines.sources.questions import question_rows
from pipelines.sources.questions.question import Question
from pipelines.sources.questions.question_form import Form
from pipelines.sources.questions.question_rows import LEFT_OUT, Fields, Row
from tfmodels import whole_files

_DATA, _TEXT = "data", "text"
_KINDS = ("question_type", "kind", "type")


def is_one(path: Path, encoding: str = "") -> bool:
    """Whether a file is of this form: its name ends in .json, and it has a list of articles."""
    ending = Path(path.name.lower().removesuffix(".gz")).suffix
    return ending == ".json" and path.is_file() and json_document.is_one(path, _DATA, encoding)


def read(path: Path, form: Form, faults: Faults, answered: bool = True) -> Iterator[Row]:
    """Reads a file article by article.

    Args:
        path: The file, plain or gzip.
        form: Its encoding; and the name of the kind of question, which may be one of its answer's.
        faults: Collects what has another form; it is left out.
        answered: Whether each question needs answers, or to be said impossible; else they are not read.

    Yields:
        The questions. `plausible_answers` of impossible ones are not read.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is not JSON, or a fault is an error.

    Example:
        `next(read(Path("dev-v2.0.json"), Form(), Faults("error"))).question.title`
    """
    for number, article in enumerate(json_document.elements(path, _DATA, form.files.encoding), start=1):
        where = f"{path}, article {number:,}"
        title = article.get("title") if isinstance(article, dict) else None
        if isinstance(article, dict) and "question" in article:
            raise ValueError(
                "Expected articles with paragraphs, or a question in each line of a .jsonl file. "
                f"Received: a list of questions, {path}"
            )
        for place, paragraph in enumerate(_list(article, "paragraphs", where, faults), start=1):
            yield from _paragraph(paragraph, title, f"{where}, paragraph {place:,}", form, faults, answered)


def write(path: Path, questions: Iterable[Question]) -> None:
    """Writes questions as a file of version 2.0 that `read` reads as the same questions.

    Args:
        path: The file; it is gzip if its name ends in .gz.
        questions: The questions; those of an article and of a context in it stand together then, in their order.

    Raises:
        ValueError: The file cannot be written.

    Example:
        `write(Path("train.json"), [Question("What is the Elbe?", "The Elbe is a river.", (Answer("a river", 12),))])`
    """
    articles: dict[str, dict[str, list[Question]]] = {}
    for one in questions:
        articles.setdefault(one.title, {}).setdefault(one.context, []).append(one)
    data = [
        {"title": title, "paragraphs": [{"context": context, "qas": [*map(_qa, of)]} for context, of in one.items()]}
        for title, one in articles.items()
    ]
    content = json.dumps({"version": "v2.0", _DATA: data}, ensure_ascii=False).encode()
    whole_files.write(path, gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def _paragraph(paragraph: Any, title: Any, where: str, form: Form, faults: Faults, answered: bool) -> Iterator[Row]:
    questions = _list(paragraph, "qas", where, faults)
    if not questions or not question_rows.is_text("context", paragraph.get("context"), where, faults, len(questions)):
        return
    for number, asked in enumerate(questions, start=1):
        known = asked.get("id") if isinstance(asked, dict) else None
        place = f"{where}, question {number:,}" if known is None else f"{where.partition(', article')[0]}, id {known!r}"
        answers = _answers(asked, place, faults, answered)
        if answers is not None:
            fields = Fields(asked.get("question"), paragraph["context"], answers, known, title, _kind(asked, form.kind))
            yield from question_rows.row(fields, place, faults)


def _answers(asked: Any, place: str, faults: Faults, answered: bool) -> list[tuple[Any, Any]] | None:
    """Text and start of each answer; None for a faulty question."""
    if not isinstance(asked, dict):
        faults.found("objects in each list `qas`", f"{type(asked).__name__}, {place}", LEFT_OUT)
        return None
    if not answered:
        return []
    impossible, answers = asked.get("is_impossible"), asked.get("answers")
    if not (impossible is None or isinstance(impossible, bool)):  # 0 is no boolean
        faults.found("true or false as is_impossible", f"{impossible!r}, {place}", LEFT_OUT)
    elif answers is None and impossible:
        return []
    elif not isinstance(answers, list) or not all(isinstance(one, dict) for one in answers):
        faults.found("a list of objects as `answers` of each question", f"{str(answers)[:60]}, {place}", LEFT_OUT)
    elif impossible and answers:
        faults.found("no answers where is_impossible is true", f"{len(answers)} of them, {place}", LEFT_OUT)
    elif impossible is False and not answers:
        faults.found("answers where is_impossible is false", f"none, {place}", LEFT_OUT)
    elif odd := [one for one in answers if _TEXT not in one]:
        faults.found(f"`{_TEXT}` in each object of `answers`", f"{str(odd[0])[:60]}, {place}", LEFT_OUT)
    elif impossible is False and (odd := [one for one in answers if _is_blank(one[_TEXT])]):
        faults.found("a text of each answer where is_impossible is false", f"{str(odd[0])[:60]}, {place}", LEFT_OUT)
    else:
        return [(one[_TEXT], one.get("answer_start")) for one in answers]
    return None


def _is_blank(text: Any) -> bool:
    return text is None or (isinstance(text, str) and question_rows.is_blank(text))


def _kind(asked: dict[str, Any], name: str) -> Any:
    """The kind of a question, which it or its first answer has."""
    answers = asked.get("answers")
    first = answers[0] if isinstance(answers, list) and answers and isinstance(answers[0], dict) else {}
    places = itertools.product((asked, first), (name,) if name else _KINDS)
    return next((of[one] for of, one in places if of.get(one) is not None), None)


def _list(value: Any, name: str, where: str, faults: Faults) -> list[Any]:
    """The list of some name in an object; empty if it is faulty."""
    if isinstance(value, dict) and isinstance(value.get(name), list):
        return value[name]
    received = f"the names {', '.join(map(str, value))[:60]}" if isinstance(value, dict) else type(value).__name__
    faults.found(f"an object with the list `{name}`", f"{received}, {where}", LEFT_OUT)
    return []


def _qa(one: Question) -> dict[str, Any]:
    answers = [{"text": answer.text, "answer_start": answer.start} for answer in one.answers]
    named = {name: value for name, value in (("id", one.id), ("question_type", one.kind)) if value}
    return {"question": one.question, **named, "is_impossible": not answers, "answers": answers}
