"""How questions are written in files."""

from dataclasses import dataclass, field
from typing import Literal

from pipelines.sources.files.file_options import FileOptions

Search = Literal["once", "first"]


@dataclass(frozen=True)
class Form:
    """The form of questions; names of columns are of tables, and empty ones are found by what they are often called.

    Attributes:
        question: Column of the question.
        context: Column of the context.
        answer: Column of the answer, a text or a list of them; of `answer0`, `answer1` and so on, any.
        answer_start: Column of the answer's start in the context, in characters.
        id: Column of the question's id.
        title: Column of the article's title.
        kind: Column of the kind of question; in SQuAD's JSON the name of a value of a question or of its answer.
        search: What becomes of answers without a start: `once` takes those that are in their context once, `first` the
            first place of each.
        unanswerable: Share of the questions, of those that there are then, that are made without an answer: see
            `artificial_unanswerable`. 0 makes none.
        examples: Number of synthetic questions to train on.
        files: How the files are written.

    Example:
        `Form(question="query", search="first")`
    """

    question: str = ""
    context: str = ""
    answer: str = ""
    answer_start: str = ""
    id: str = ""
    title: str = ""
    kind: str = ""
    search: Search = "once"
    unanswerable: float = 0.0
    examples: int = 6000
    files: FileOptions = field(default_factory=FileOptions)
