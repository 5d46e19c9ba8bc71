"""The report of a summarizer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipelines import seq2seq
from pipelines.runs.report import Report
from pipelines.runs.reports.examples import pick_examples
from pipelines.summarization import baselines
from pipelines.summarization.scores import answers_of, score
from tfmodels.metrics import summary_scores

if TYPE_CHECKING:
    from pipelines.runs import Run
    from pipelines.sources.text.pair import Pair


def of(config: seq2seq.Config, run: "Run", split: str, pairs: "Sequence[Pair]", train: "Sequence[Pair]") -> Report:
    """Summarizes documents and scores the summaries, beside naive ones.

    Args:
        config: Options.
        run: Trained.
        split: What the pairs are of.
        pairs: Documents and references.
        train: The training data, which a baseline takes summaries from.

    Returns:
        The report.

    Example:
        `of(config, run, "validation", pairs, train).metrics["rougeL"]`
    """
    generator = seq2seq.load_generator(config, run)
    documents, references = [pair.source for pair in pairs], [pair.target for pair in pairs]
    outputs = seq2seq.answer_all(generator, documents)
    scores = score(pairs, outputs, baselines.of(documents, train))
    ceiling = {
        "title": "ceiling: the best single sentence of each document, chosen by its reference",
        "columns": list(summary_scores.ROUGE),
        "rows": [list(baselines.ceiling(pairs).values())],
    }
    return seq2seq.make_report(
        config,
        run,
        split,
        generator,
        primary=scores.primary,
        metrics=scores.metrics,
        baselines=scores.of_baselines,
        judgement=scores.judgement,
        row_scores=scores.row_scores,
        tables=[*scores.tables, ceiling],
        answers=answers_of(pairs, outputs),
        examples=pick_examples(documents, references, outputs, scores.worth),
        pairs=pairs,
    )
