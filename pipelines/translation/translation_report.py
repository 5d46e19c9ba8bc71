"""The report of a translator."""

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines import seq2seq
from pipelines.runs.report import Report
from pipelines.runs.reports.examples import pick_examples
from pipelines.translation.scores import COPY, answers_of, score
from tfmodels import metrics

if TYPE_CHECKING:
    from pipelines.runs import Run
    from pipelines.sources.text.pair import Pair


def of(config: seq2seq.Config, run: "Run", split: str, pairs: "list[Pair]") -> Report:
    """Translates pairs and scores the translations, beside the baseline of copying the source.

    Args:
        config: Options.
        run: Trained.
        split: What the pairs are of.
        pairs: Sources and references.

    Returns:
        The report.

    Example:
        `of(config, run, "validation", pairs).metrics["bleu"]`
    """
    generator = seq2seq.load_generator(config, run)
    sources, references = [pair.source for pair in pairs], [pair.references for pair in pairs]
    targets = [pair.target for pair in pairs]
    outputs = seq2seq.answer_all(generator, sources)
    scores = score(pairs, outputs)
    report = seq2seq.make_report(
        config,
        run,
        split,
        generator,
        primary=scores.primary,
        metrics=scores.metrics,
        baselines={COPY: scores.of_sources},
        judgement=scores.judgement,
        row_scores=scores.row_scores,
        tables=scores.tables,
        answers=answers_of(pairs, outputs),
        examples=pick_examples(sources, targets, outputs, metrics.sentence_scores(outputs, references)),
        pairs=pairs,
    )
    return replace(report, notes=[*_about_references(pairs), *report.notes])


def _about_references(pairs: "list[Pair]") -> list[str]:
    counts = sorted({len(pair.references) for pair in pairs})
    if counts[-1:] == [1]:
        return []
    each = f"{counts[0]} to {counts[-1]}" if len(counts) > 1 else f"{counts[0]}"
    return [f"each text is scored against {each} references; training and loss use the first"]
