"""The report of a task from text to text: what is the same for all of them."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipelines.seq2seq import data

if TYPE_CHECKING:
    from pipelines.runs import Run
    from pipelines.runs.report import Report
    from pipelines.seq2seq.config import Config
    from pipelines.seq2seq.generator import Generator


def make_report(
    config: "Config",
    run: "Run",
    split: str,
    generator: "Generator",
    *,
    primary: str,
    metrics: Mapping[str, float],
    baselines: Mapping[str, Mapping[str, float]],
    tables: Sequence[dict[str, Any]] = (),
    examples: Sequence[dict[str, Any]] = (),
) -> "Report":
    """Puts the scores of a task together with what is measured and noted for every task from text to text.

    That is: loss, perplexity and accuracy per token, how far the run overfits, where its data comes from, which texts
    were cut, how answers were searched for.

    Args:
        config: Options.
        run: Trained.
        split: What was scored.
        generator: Of the run.
        primary: The metric that the model is judged by; higher is better.
        metrics: Metric -> score of the answers.
        baselines: Name -> the same metrics of a naive method.
        tables: Further tables.
        examples: Of `report.pick_examples`.

    Returns:
        The report.

    Example:
        `make_report(config, run, split, generator, primary="bleu", metrics={"bleu": 30.1}, baselines={})`
    """
    from pipelines import runs
    from pipelines.runs import overfitting, registry
    from pipelines.runs.report import Report
    from pipelines.seq2seq.training import datasets
    from pipelines.text import token_vectors
    from tfmodels import training

    likelihood = training.validate(generator.network, datasets(config, run)[split].one_epoch())
    return Report(
        task=registry.short_name(run.task),
        model=type(generator.network).__name__,
        split=split,
        primary={"metric": primary, "higher_is_better": True},
        metrics={
            **metrics,
            "loss": likelihood["loss"],
            "perplexity": math.exp(likelihood["loss"]),
            "token_accuracy": 100 * likelihood["accuracy"],
        },
        baselines={name: dict(scores) for name, scores in baselines.items()},
        tables=[overfitting.table(run.history), *filter(None, [data.sources_table(run)]), *tables],
        examples=list(examples),
        seed=config.training.seed,
        parameters=generator.network.count_params(),
        train_seconds=sum(row["seconds"] for row in run.history),
        command=runs.command_line(),
        notes=[
            _cut_texts(config, run, split),
            overfitting.verdict(run.history),
            ", ".join(f"{name} {value}" for name, value in vars(config.decoding).items()),
            *data.notes(config),
            *token_vectors.notes(config),
        ],
    )


def _cut_texts(config: "Config", run: "Run", split: str) -> str:
    from tfmodels import training

    lengths = training.TokenRows(run.assets / split).lengths
    limits = {"source": config.max_source_length, "target": config.max_target_length}
    full = ", ".join(
        f"{int((lengths[side] == limit).sum()):,} {side}s reach {limit} tokens" for side, limit in limits.items()
    )
    return f"{len(lengths['source']):,} pairs, none left out; {full}, where they are cut"
