"""Questions without an answer, made of others: each is asked of another context of the same article."""

import random
from collections.abc import Sequence
from dataclasses import replace

from pipelines.sources.questions.question import Question

KIND = "artificial, no answer"
_TRIED = 50  # contexts of an article that a question is tried with


def artificial_unanswerable(questions: Sequence[Question], share: float, seed: int) -> list[Question]:
    """Makes questions without an answer.

    Each is a question against another context of its article, which has none of its answers as a text. That it can not
    be answered all the same, in other words, is not certain.

    Args:
        questions: The questions of a split. Those without a title are not used, as nothing says what their article is.
        share: Share that the made ones are to have of all questions then, less than 1; fewer are made where articles
            have no such context.
        seed: Seed of the choice.

    Returns:
        The made questions, with the kind `KIND` and ids of their own.

    Example:
        `artificial_unanswerable(train, 0.2, seed=1)`
    """
    draw = random.Random(f"{seed} artificial")
    distinct = dict.fromkeys((one.title, one.context) for one in questions if one.title.strip())
    contexts: dict[str, list[tuple[str, str]]] = {}
    for title, context in distinct:
        contexts.setdefault(title, []).append((context, context.casefold()))
    asked = {(one.question, one.context) for one in questions}
    wanted = round(share / (1 - share) * len(questions))
    made: list[Question] = []
    for one in draw.sample(questions, len(questions)):
        if len(made) == wanted:
            break
        others = contexts.get(one.title, []) if one.answers else []
        texts = [answer.text.casefold() for answer in one.answers]
        for context, folded in draw.sample(others, min(len(others), _TRIED)):
            if (one.question, context) not in asked and not any(text in folded for text in texts):
                name = f"{one.id}-artificial" if one.id else ""
                made.append(replace(one, context=context, answers=(), id=name, kind=KIND))
                break
    return made
