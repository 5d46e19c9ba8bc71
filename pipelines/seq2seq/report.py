"""The report of a task from text to text: what is the same for all of them."""

import math
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pipelines.seq2seq import data, data_notes

if TYPE_CHECKING:
    import numpy as np

    from pipelines.runs import Run
    from pipelines.runs.report import Report
    from pipelines.runs.reports.answers import Answers
    from pipelines.runs.reports.judgement import Judgement
    from pipelines.runs.reports.row_scores import RowScores
    from pipelines.seq2seq.config import Config
    from pipelines.seq2seq.generator import Generator as TextGenerator
    from tfmodels.training import TokenRows


def make_report(
    config: "Config",
    run: "Run",
    split: str,
    generator: "TextGenerator",
    *,
    primary: str,
    higher_is_better: bool = True,
    metrics: Mapping[str, float],
    baselines: Mapping[str, Mapping[str, float]],
    judgement: "Judgement | None" = None,
    row_scores: "RowScores | None" = None,
    tables: Sequence[dict[str, Any]] = (),
    examples: Sequence[dict[str, Any]] = (),
    answers: "Answers | None" = None,
    pairs: Sequence[tuple] | None = None,
) -> "Report":
    """Puts the scores of a task together with what is measured and noted for every task from text to text.

    That is: loss, perplexity and accuracy per token, how far the run overfits, where its data comes from, which texts
    were cut, how answers were searched for.

    Args:
        config: Options.
        run: Trained.
        split: What was scored.
        generator: Of the run.
        primary: The metric that the model is judged by.
        higher_is_better: Of that metric.
        metrics: Metric -> score of the answers.
        baselines: Name -> the same metrics of a naive method.
        judgement: How the model compares with them, with errors: see `runs.reports.judgement.judge`. None gives none.
        row_scores: What metrics are computed from, for `tfmodels compare`. Default: the primary one, of `judgement`.
        tables: Further tables.
        examples: Of `examples.pick_examples`.
        answers: What `evaluate --output` writes.
        pairs: The pairs that `metrics` are of, so that the loss is of the same ones. None = the tokens of the run.

    Returns:
        The report.

    Example:
        `make_report(config, run, split, generator, primary="bleu", metrics={"bleu": 30.1}, baselines={})`
    """
    from pipelines import runs
    from pipelines.runs import overfitting, registry
    from pipelines.runs.report import Report
    from pipelines.runs.reports import captions
    from pipelines.runs.reports.row_scores import RowScores, digest
    from pipelines.seq2seq.training import batches
    from pipelines.text import token_vectors
    from tfmodels import training

    losses = {}
    with _token_rows(config, run, split, pairs) as rows:
        count, lengths = len(rows), rows.lengths
        if run.served is None:  # an export answers, but has no loss
            likelihood = training.validate(generator.network, batches(config, rows).one_epoch())
            losses = {
                "loss": likelihood["loss"],
                "perplexity": math.exp(likelihood["loss"]),
                "token_accuracy": 100 * likelihood["accuracy"],
            }
    return Report(
        task=registry.short_name(run.task),
        model=type(generator.network).__name__,
        split=split,
        rows=count,
        primary={"metric": primary, "higher_is_better": higher_is_better},
        metrics={**metrics, **losses},
        baselines={name: dict(scores) for name, scores in baselines.items()},
        comparisons=judgement.comparisons if judgement else {},
        broken=judgement.broken if judgement else {},
        tables=[overfitting.table(run.history), *filter(None, [data.sources_table(run)]), *tables],
        examples=list(examples),
        answers=answers,
        row_scores=row_scores or (RowScores({primary: judgement.rows}, judgement.blocks) if judgement else None),
        rows_digest="" if pairs is None else digest(map(tuple, pairs)),
        data=captions.data(run),
        seed=config.training.seed,
        parameters=generator.network.count_params(),
        train_seconds=sum(row["seconds"] for row in run.history),
        command=runs.command_line(),
        notes=[
            _cut_texts(config, lengths),
            overfitting.verdict(run.history),
            ", ".join(f"{name} {value}" for name, value in vars(config.decoding).items()),
            *data_notes.of_run(config, run),
            *token_vectors.notes(config),
        ],
    )


@contextmanager
def _token_rows(config: "Config", run: "Run", split: str, pairs: Sequence[tuple] | None) -> "Generator[TokenRows]":
    """The tokens of pairs, by default those of the run's split."""
    from tfmodels import training

    if pairs is None:
        yield training.TokenRows(run.assets / split)
        return
    limits = (config.max_source_length, config.max_target_length)
    with TemporaryDirectory() as folder:
        yield training.TokenRows.write(Path(folder) / split, data.token_rows(data.subwords(run), pairs, *limits))


def _cut_texts(config: "Config", lengths: "Mapping[str, np.ndarray]") -> str:
    limits = {"source": config.max_source_length, "target": config.max_target_length}
    full = ", ".join(
        f"{int((lengths[side] == limit).sum()):,} {side}s reach {limit} tokens" for side, limit in limits.items()
    )
    return f"{len(lengths['source']):,} pairs, none left out; {full}, where they are cut"
