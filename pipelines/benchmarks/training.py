"""`tfmodels benchmark train`: training speed relative to the matrix-product peak of the machine."""

import argparse
import shutil
import tempfile
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import runs
from pipelines.benchmarks import results, synthetic_text
from pipelines.benchmarks.number_options import positive
from pipelines.benchmarks.subject_parser import subject_parser
from pipelines.progress import consoles
from pipelines.progress.quiet_import import import_tensorflow
from pipelines.runs import command_lines, old_formats, recipe_files, registry, settings, trainable
from pipelines.runs.reports import captions
from pipelines.runs.starting import asset_digests, preparation, prepared_options

if TYPE_CHECKING:
    from rich.console import Console

_DEFAULT_TASK = "translation"
_KINDS_SHOWN = 15
_CONFIG_OPTIONS = ("model", "data", "source", "target")  # fields of a task's `Config`
_TRAINING_OPTIONS = ("precision", "batch_tokens", "replicas", "recompute", "xla")


def train(arguments: list[str]) -> None:
    """Measure training steps: tokens per second, share of the matrix-product peak, time by kind of operation."""
    options = _options(arguments)
    task, config = _task_and_config(options)
    import_tensorflow()

    from pipelines.benchmarks import training_steps
    from tfmodels import plots

    console = consoles.console()
    plan = training_steps.Plan(options.warm_up, options.steps, options.profile)
    result: dict[str, Any] = {**results.conditions(), "task": task, **plan._asdict()}
    with tempfile.TemporaryDirectory() as folder:
        run = _prepare(options, runs.Run(Path(folder) / "run", task, config))
        with results.progress(console, "steps", sum(plan)) as show:
            result |= training_steps.measure(registry.find(task), run.config, run, plan, show)
    _show(result, console)
    folder = Path(options.output)
    file = results.write(result, folder, "train")
    plots.draw_operation_times(result["operations"], folder / "train.png", captions.of_benchmark(result))
    print(f"Results: {file}, figure of the operations: {folder / 'train.png'}")


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = subject_parser(train)
    parser.usage = "tfmodels benchmark train [RUN] [options]"
    parser.add_argument(
        "run", metavar="RUN", nargs="?",
        help="Folder or name of a run: its model is trained on its data from newly initialised weights. Default: a "
        "translator with 3 + 3 layers of width 256 and 8,000 subwords.",
    )  # fmt: skip
    command_lines.add_task(parser)
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="Recipe, or YAML file with options of the `task` that it names. Default task: translation.",
    )
    parser.add_argument(
        "--model", help="Model family: transformer, lstm, or another of the task. Default: transformer."
    )
    parser.add_argument("--data", help="Data, as for `tfmodels fit`. Default: synthetic text.")
    parser.add_argument("--source", metavar="LANGUAGE", help="Source language. Default: en.")
    parser.add_argument("--target", metavar="LANGUAGE", help="Target language. Default: de.")
    parser.add_argument("--precision", help="float32, bfloat16 or float16. Default: float32.")
    parser.add_argument("--batch_tokens", metavar="N", type=positive(int), help="Tokens per batch. Default: 4,096.")
    parser.add_argument("--replicas", metavar="N", type=positive(int), help="Number of replicas. Default: all devices.")
    parser.add_argument(
        "--recompute", action="store_true", default=None,
        help="Recompute activations in the backward pass instead of storing them.",
    )  # fmt: skip
    parser.add_argument("--xla", action="store_true", default=None, help="Compile the loops of LSTMs with XLA.")
    parser.add_argument(
        "--warm_up", metavar="N", type=positive(int), default=10, help="Warm-up steps. Default: %(default)s."
    )
    parser.add_argument(
        "--steps", metavar="N", type=positive(int), default=30, help="Measured steps. Default: %(default)s."
    )
    parser.add_argument(
        "--profile", metavar="N", type=positive(int), default=5,
        help="Steps under the profiler, after the measured ones. Default: %(default)s.",
    )  # fmt: skip
    parser.add_argument(
        "--output", metavar="FOLDER", default="benchmarks",
        help="Folder for train.json and train.png. Default: %(default)s.",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    if options.run and (options.config or options.data or options.model):
        raise ValueError(
            "Expected either RUN or options of a new training. "
            f"Received: {options.run} and {'--config' if options.config else '--data' if options.data else '--model'}"
        )
    return options


def _task_and_config(options: argparse.Namespace) -> tuple[str, Any]:
    """The name of the task and its config."""
    if options.run:
        run = runs.load(options.run, options.task, options.allow_code)
        task, config = run.task, run.config
    elif options.config:
        values = old_formats.config(recipe_files.read(options.config))
        named = {"task": recipe_files.task(values) or _DEFAULT_TASK}
        task = registry.trusted(named, Path(options.config), options.task, options.allow_code)
        config = settings.from_dict(registry.find(task).Config, values, task)
    else:
        from pipelines.benchmarks import reference_translator

        task, config = _DEFAULT_TASK, reference_translator.config(options.model or "transformer")
    trainable.check(registry.find(task), config)
    config = _with_options(config, options, _CONFIG_OPTIONS)
    return task, replace(config, training=_with_options(config.training, options, _TRAINING_OPTIONS))


def _prepare(options: argparse.Namespace, run: runs.Run) -> runs.Run:
    """Prepares the run: copies the assets of an existing run, or generates text."""
    if options.run:
        assets = runs.load(options.run, options.task, options.allow_code).assets
        of_training = shutil.ignore_patterns(asset_digests.FILE, prepared_options.FILE)  # other options are measured
        shutil.copytree(assets, run.assets, ignore=of_training)
    elif not (options.config or options.data):
        texts = run.path / "texts"
        texts.mkdir(parents=True)
        synthetic_text.write(texts, run.config.source, run.config.target)
        run = replace(run, config=replace(run.config, data=str(texts)))
    return preparation.prepare(registry.find(run.task), run)


def _with_options(config: Any, options: argparse.Namespace, names: tuple[str, ...]) -> Any:
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    known = {field.name for field in fields(config)}
    for name in given:
        if name not in known:
            raise ValueError(f"Expected an option of the task. Received: --{name}={given[name]}")
    return replace(config, **given)


def _show(result: dict[str, Any], console: "Console") -> None:
    table = results.table(f"{result['model']}, {result['precision']}, {result['replicas']} replica(s)", ("",))
    table.show_header = False
    flops, achieved = result["flops_per_step"], result["flops_per_second"]
    for name, value in {
        "parameters": f"{result['parameters']:,}",
        "tokens per step, without padding": f"{result['tokens_per_step']:,.0f}",
        "padding and filler": f"{result['padding']:.1%}",
        "seconds per step": f"{result['seconds_per_step']:.3f}",
        "tokens per second": f"{result['tokens_per_second']:,.0f}",
        "matrix products per step, GFLOP": "unknown" if flops is None else f"{flops / 1e9:,.1f}",
        "achieved GFLOP/s": "-" if achieved is None else f"{achieved / 1e9:,.1f}",
        "matrix-product peak, GFLOP/s": f"{result['peak_flops_per_second'] / 1e9:,.1f}",
        "share of the peak": "-" if achieved is None else f"{result['share_of_peak']:.1%}",
        "peak memory, MiB": f"{result['peak_memory_bytes'] / 2**20:,.0f}",
        "input pipeline alone, tokens per second": f"{result['input_tokens_per_second']:,.0f}",
        "input pipeline alone, share of step time": f"{result['input_share']:.1%}",
    }.items():
        table.add_row(name, value)
    console.print(table)
    table = results.table("Time of a step by kind of operation", ("calls", "ms", "share"))
    for row in result["operations"][:_KINDS_SHOWN]:
        numbers = (results.number(row["calls_per_step"]), results.number(1e3 * row["seconds_per_step"]))
        table.add_row(row["kind"], *numbers, f"{row['share']:.1%}")
    console.print(table)
