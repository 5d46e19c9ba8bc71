"""Splits of questions by article, so that no article is in two of them."""

from collections.abc import Sequence

from pipelines.sources.questions import question_checks
from pipelines.sources.questions.question_rows import Row
from pipelines.sources.text.pair_survey import digest


def hold_back(rows: Sequence[Row], share: float, salt: str) -> tuple[list[Row], list[Row]]:
    """Holds back whole articles, the same ones each time, whatever the order of the rows.

    Args:
        rows: The questions. Those with a title, or a context, in common are of one article.
        share: Share of the questions to hold back, as nearly as articles allow: at least one, and not all of them.
        salt: Chooses the articles, by their digests.

    Returns:
        The questions that remain, and those held back, in their order.

    Raises:
        ValueError: There is only one article.

    Example:
        `train, validation = hold_back(rows, 0.1, "validation")`
    """
    of = articles(rows)
    sizes: dict[str, int] = {}
    for article in of:
        sizes[article] = sizes.get(article, 0) + 1
    if len(sizes) < 2:
        raise ValueError(
            f"Expected more than one article, told apart by title and context, to hold some back for {salt}. "
            f"Received: {len(sizes)}, with {len(rows):,} questions"
        )
    wanted, held, count = share * len(rows), set(), 0
    for article in sorted(sizes, key=lambda name: digest(f"{salt}\n{name}")):
        if count + sizes[article] / 2 <= wanted and len(held) < len(sizes) - 1:
            held.add(article)
            count += sizes[article]
    held = held or {min(sizes, key=lambda name: (sizes[name], digest(name)))}
    sides: tuple[list[Row], list[Row]] = ([], [])
    for row, article in zip(rows, of, strict=True):
        sides[article in held].append(row)
    return sides


def articles(rows: Sequence[Row]) -> list[str]:
    """Finds the article of each question.

    Args:
        rows: The questions.

    Returns:
        A name for each: the same where questions share a title or a context, directly or over others.

    Example:
        `articles(rows)` -> `["title the elbe", "title the elbe", "context a city."]`
    """
    parents: dict[str, str] = {}

    def root(name: str) -> str:
        while (above := parents.setdefault(name, name)) != name:
            parents[name] = parents[above]
            name = above
        return name

    firsts = []
    for row in rows:
        known = [" ".join(name) for name in question_checks.names(row.question)]
        for name in known[1:]:
            low, high = sorted((root(known[0]), root(name)), key=lambda one: (one.startswith("context"), one))
            parents[high] = low
        firsts.append(known[0])
    return [root(name) for name in firsts]
