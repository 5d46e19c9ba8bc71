"""`tfmodels fit`: training of a task's model."""

import os
import shlex
from collections.abc import Iterable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pipelines import runs
from pipelines.cli import dry_run, machines, option_help, option_search, subcommands
from pipelines.runs import option_names, registry
from pipelines.runs.starting import first_checks, run_work
from tfmodels import whole_files
from tfmodels.training.devices import cluster

if TYPE_CHECKING:
    from jsonargparse import Namespace

_COMMAND_OPTIONS = {
    "--config FILE": "YAML file with options, or name of a recipe (see `tfmodels recipes`). Options on the command "
    "line override those of the file.",
    "--run NAME": "Name of the run, a folder under runs/. Default: the name of the task.",
    "--seeds N,N,...": "Train a run for each seed, named such as NAME-seed-0, in a process of its own, and report "
    "mean and spread of the scores, also in runs/NAME-seeds.json. The same command goes on where it was ended.",
    "--overwrite": "Replace an existing run of that name; with --seeds, those of other options or changed data.",
    "--data_changed ok": "Go on training although the data files have changed since the run was prepared.",
    "--allow_code": "Run the code of whatever task the run in --start_from names; only for runs you trust.",
    "--workers N | HOST:PORT,...": "Train on several machines: their addresses, the chief's first, the same list on "
    "each; or a number of processes on this one, to try it. Default: what TF_CONFIG or Slurm tells, else this machine "
    "alone.",
    "--worker N": "Which of --workers this machine is, from 0 on.",
    "--write_job FOLDER": "Train nothing; write files that start --workers machines: kubernetes.yaml, slurm.sh and "
    "vertex.yaml.",
    "--dry_run": "Read and check the data, print what is decided about it, the sizes of its splits and of the network, "
    "the steps, and estimates of memory and of the steps' time; train nothing and leave no run.",
}
_NOT_WITH_SEEDS = {
    "training.seed": "which each run has for itself",
    "find_lr": "which searches for one run: find the learning rate first",
    "find_batch": "which searches for one run: find the batch first",
    "dry_run": "which is the same for all of them: choose one with --training.seed",
}


def fit(arguments: list[str]) -> int | None:
    """Train a model for a task, or resume an interrupted run."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_help())
        return None
    name, *arguments = arguments
    task = registry.find(name)
    if any(argument in ("-h", "--help") for argument in arguments):
        searches = {switch: _summary(function) for switch, function in option_search.SEARCHES.items()}
        print(
            option_help.text(
                f"tfmodels fit {name} [options]", task.__doc__ or "", task.Config, _COMMAND_OPTIONS | searches
            )
        )
        return None
    options, config = _parse(name, task, arguments)
    if options.write_job is not None:
        machines.write_job(options, name, arguments)
        return None
    if processes := machines.join(options, arguments):
        return machines.train_here(processes, name, arguments)
    if options.seeds is not None:
        _fit_seeds(name, config, options, arguments)
        return None
    overwritten = runs.folder(registry.full_name(name), options.run) if options.overwrite else None
    search = option_search.chosen(options, task, config, overwritten)
    if search or options.dry_run:  # TensorFlow would take all GPU memory, which the child processes need
        os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    if options.dry_run:
        dry_run.show(task, registry.full_name(name), config, options)
        return None

    with machines.as_typed(options, name, arguments):
        run = run_work.do(
            registry.full_name(name),
            config,
            options.run,
            options.overwrite,
            options.data_changed == "ok",
            options.allow_code,
            search,
        )
    if not search and cluster.is_chief():
        print(f"Run: {run.path}. Next:")
        next_ = (f"evaluate {{}}{_test_split(run)}", "export {}", "predict {} --input FILE --output FILE")
        _print_commands(name, (command.format(run.name) for command in next_))
    return None


def _fit_seeds(name: str, config: Any, options: "Namespace", arguments: list[str]) -> None:
    """Trains a run for each seed."""
    from pipelines.runs.reports import several
    from pipelines.runs.seeds import seed_runs

    seeds = seed_runs.numbers(options.seeds)
    given = option_names.typed(arguments)
    if clashing := [one for one in _NOT_WITH_SEEDS if one in given]:
        raise ValueError(
            f"Expected --seeds without --{clashing[0]}, {_NOT_WITH_SEEDS[clashing[0]]}. "
            f"Received: --seeds {options.seeds} and --{clashing[0]}"
        )
    task_name = registry.full_name(name)
    of_all = runs.Run(runs.folder(task_name, options.run), task_name, config)
    first_checks.check(registry.find(name), of_all)
    planned = seed_runs.plan(of_all, seeds, options.overwrite, options.data_changed == "ok")
    command = ["fit", name, *option_names.without(arguments, ("seeds", "run", "overwrite"))]
    file = seed_runs.train(planned, command, of_all.name)
    several.show(whole_files.read_json(file))
    print(f"Summary: {file}. Next:")
    names = " ".join(one.run.name for one in planned)
    ensemble = [f"export {names}"] if len(planned) > 1 and hasattr(registry.find(name), "ensemble") else []
    _print_commands(name, [f"evaluate {names}{_test_split(planned[0].run)}", *ensemble])


def _print_commands(task: str, commands: Iterable[str]) -> None:
    own = "" if registry.is_of_package(task) else f" --task {shlex.quote(task)}"
    for command in commands:
        print(f"  tfmodels {command}{own}")


def _test_split(run: runs.Run) -> str:
    """The option that scores the test split, where the task keeps no splits in folders or there is one of it."""
    has_splits, has_test = ((run.assets / split).is_dir() for split in ("validation", "test"))
    return "" if has_splits and not has_test else " [--split test]"


def _parse(name: str, task: ModuleType, arguments: list[str]) -> tuple["Namespace", Any]:
    """The options of the command line, and the task's config."""
    from pipelines.runs import settings

    parser = settings.parser(task.Config, prog=f"tfmodels fit {name}")
    parser.add_argument("--run")
    parser.add_argument("--seeds")
    parser.add_argument("--data_changed", choices=("ok",))
    parser.add_argument("--workers")
    parser.add_argument("--worker", type=int)
    parser.add_argument("--write_job")
    for switch in ("--overwrite", "--allow_code", "--dry_run", *option_search.SEARCHES):
        parser.add_argument(switch, action="store_true")
    options = settings.parse(parser, task.Config, arguments, name)
    return options, settings.build(task.Config, options)


def _help() -> str:
    return "\n".join(
        [
            "usage: tfmodels fit TASK [options]",
            f"\n{fit.__doc__}",
            "\nTASK is one of the following, any importable module that defines `Config`, or such a .py file:",
            *subcommands.aligned(registry.summaries()),
            "\ntfmodels fit TASK --help lists the options of a task.",
        ]
    )


def _summary(function: option_search.Search) -> str:
    return (function.__doc__ or "").partition("\n")[0]
