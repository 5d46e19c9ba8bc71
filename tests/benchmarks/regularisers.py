"""What each regulariser gives, alone and on top of a recipe, in equal time: the validation split, several seeds.

Each variant is trained from random weights with the same steps, fewer where a step takes longer, and is scored with the
weights that its training keeps. Time is that of the processor, so that other programs matter little. The runs are kept
under `runs/`, and the same command resumes them.

    python tests/benchmarks/regularisers.py --config sst2 --data sst2
"""

import argparse
import json
import statistics
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from rich.console import Console
from rich.table import Table

from pipelines import runs
from pipelines.runs import Run, recipe_files, registry, settings, trainable
from tfmodels import training, whole_files

EVALUATIONS = 10
# What a recipe has of it is left out of the plain model.
PLAIN = {
    "classification": {
        "wide": False,
        "ngrams": 0,
        "spelling": False,
        "word_dropout": 0.0,
        "transformer.dropout": 0.0,
        "training.weight_decay": 0.0,
        "training.label_smoothing": 0.0,
        "training.ema_decay": 0.0,
    },
    "translation": {
        "transformer.dropout": 0.0,
        "training.label_smoothing": 0.0,
        "training.ema_decay": 0.0,
    },
}
# Name -> options, and the time of a step as a multiple of the plain model's.
Variant = tuple[dict[str, Any], float]
ALONE: dict[str, Variant] = {
    "nothing": ({}, 1.0),
    "dropout 0.3": ({"transformer.dropout": 0.3}, 1.0),
    "dropout 0.5": ({"transformer.dropout": 0.5}, 1.0),
    "attention_dropout 0.3": ({"transformer.attention_dropout": 0.3}, 1.0),
    "activation_dropout 0.3": ({"transformer.activation_dropout": 0.3}, 1.0),
    "word_dropout 0.3": ({"word_dropout": 0.3}, 1.0),
    "embedding_dropout 0.3": ({"embedding_dropout": 0.3}, 1.0),
    "dropout 0.3, r_drop 1": ({"transformer.dropout": 0.3, "training.r_drop": 1.0}, 2.0),
    "dropout 0.3, r_drop 5": ({"transformer.dropout": 0.3, "training.r_drop": 5.0}, 2.0),
    "label_smoothing 0.1": ({"training.label_smoothing": 0.1}, 1.0),
    "weight_decay 0.05": ({"training.weight_decay": 0.05}, 1.0),
    "ema_decay 0.99": ({"training.ema_decay": 0.99}, 1.0),
    "average_checkpoints 3": ({"training.average_checkpoints": 3}, 1.0),
}
SUBWORDS = PLAIN["classification"] | {"transformer.dropout": 0.3, "tokens": "subwords", "vocabulary_size": 4000}
DRAWN = {"resample_subwords": True}
OF_TASK: dict[str, dict[str, Variant]] = {
    "classification": {
        "subwords: dropout 0.3": (SUBWORDS, 1.0),
        "subwords: dropout 0.3, resample_subwords, alpha 0.2": (SUBWORDS | DRAWN | {"subword_alpha": 0.2}, 1.3),
        "subwords: dropout 0.3, resample_subwords, alpha 0.5": (SUBWORDS | DRAWN | {"subword_alpha": 0.5}, 1.05),
        "recipe: embedding_dropout 0.4 for word_dropout": ({"word_dropout": 0.0, "embedding_dropout": 0.4}, 1.0),
    },
    "translation": {
        "alone: resample_subwords, alpha 0.2": (PLAIN["translation"] | DRAWN | {"subword_alpha": 0.2}, 1.3),
        "recipe: word_dropout 0.1": ({"word_dropout": 0.1}, 1.0),
        "recipe: resample_subwords, alpha 0.2": (DRAWN | {"subword_alpha": 0.2}, 1.3),
        "recipe: r_drop 5": ({"training.r_drop": 5.0}, 2.0),
    },
}
ADDED: dict[str, Variant] = {
    "the recipe": ({}, 1.0),
    "embedding_dropout 0.2": ({"embedding_dropout": 0.2}, 1.0),
    "r_drop 1": ({"training.r_drop": 1.0}, 2.0),
    "attention_dropout 0.1": ({"transformer.attention_dropout": 0.1}, 1.0),
    "activation_dropout 0.1": ({"transformer.activation_dropout": 0.1}, 1.0),
    "average_checkpoints 3": ({"training.average_checkpoints": 3}, 1.0),
}


def variants(task: str) -> dict[str, Variant]:
    """All of a task: each alone, and added to the recipe."""
    alone = {f"alone: {name}": (PLAIN[task] | options, cost) for name, (options, cost) in ALONE.items()}
    return alone | {f"recipe: {name}": one for name, one in ADDED.items()} | OF_TASK[task]


def nested(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Options with others in their place, whose names are dotted."""
    result = dict(values)
    for name, value in changes.items():
        group, dot, option = name.rpartition(".")
        result |= {group: {**result.get(group, {}), option: value}} if dot else {option: value}
    return result


def prepared(task: ModuleType, name: str, config: Any) -> Run:
    """The run whose tokens, and whose linear model, the trainings share."""
    kind = f"{getattr(config, 'tokens', 'subwords')}{'-wide' if getattr(config, 'wide', False) else ''}"
    run = Run(runs.ROOT / f"regularisers-{kind}", name, config)
    task.prepare(config, run)
    return run


def scored(task: ModuleType, name: str, config: Any, folder: Path) -> dict[str, float]:
    """Trains, or takes the scores of an earlier call; the time is that since a training was last resumed."""
    file = folder / "scores.json"
    if file.is_file():
        return whole_files.read_json(file)
    run, started = prepared(task, name, config), time.process_time()
    batches = task.datasets(config, run)
    validation, objective = batches["validation"].one_epoch(), trainable.objective(task, config, run)
    network, _ = training.fit(
        partial(task.model, config, run),
        batches["train"],
        validation,
        config.training,
        folder,
        initialise_of(task, config, run),
        objective,
    )
    seconds = time.process_time() - started
    scores = {**training.validate(network, validation, objective), "seconds": seconds}
    whole_files.write(file, json.dumps(scores))
    return scores


def initialise_of(task: ModuleType, config: Any, run: Run) -> Any:
    """What the weights of a classifier's linear models start from."""
    if not hasattr(config, "spelling"):
        return None
    from pipelines.classification import network

    return partial(network.initialise, config, run)


def row(name: str, results: list[dict[str, float]], steps: int) -> list[str]:
    """Mean and standard deviation of accuracy and loss, and the minutes."""
    accuracies, losses = [100 * one["accuracy"] for one in results], [one["loss"] for one in results]
    minutes = statistics.mean(one["seconds"] for one in results) / 60
    return [name, spread(accuracies, 1), spread(losses, 3), str(steps), f"{minutes:.1f}", str(len(results))]


def spread(values: list[float], digits: int) -> str:
    """Mean and standard deviation."""
    around = f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.{digits}f}{around}"


def main() -> None:
    """Trains all variants, seed by seed, and prints the table after each seed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--config", required=True, help="a recipe")
    parser.add_argument("--data", required=True, help="its data")
    parser.add_argument("--steps", type=int, default=500, help="steps of the plain model")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--only", nargs="+", default=[""], help="variants whose names hold one of these")
    arguments = parser.parse_args()
    recipe = recipe_files.read(arguments.config)
    name = recipe_files.task(recipe)
    task, values = registry.find(name), nested(recipe, {"data": arguments.data, "training.patience": 0})
    results: dict[str, list[dict[str, float]]] = {}
    steps: dict[str, int] = {}
    for seed in arguments.seeds:
        for variant, (options, cost) in variants(name).items():
            if not any(part in variant for part in arguments.only):
                continue
            interval = round(arguments.steps / cost / EVALUATIONS)
            steps[variant] = interval * EVALUATIONS
            schedule = {"steps": steps[variant], "interval": interval, "seed": seed}
            changes = options | {f"training.{option}": value for option, value in schedule.items()}
            config = settings.from_dict(task.Config, nested(values, changes), name)
            label = "-".join("".join(letter if letter.isalnum() else " " for letter in variant).split())
            folder = runs.ROOT / "regularisers" / f"{arguments.steps}" / f"{label}-{seed}"
            results.setdefault(variant, []).append(scored(task, name, config, folder))
        table = Table("variant", "accuracy", "loss", "steps", "processor minutes", "seeds", title=arguments.config)
        for variant, found in results.items():
            table.add_row(*row(variant, found, steps[variant]))
        Console(width=120).print(table)


if __name__ == "__main__":
    main()
