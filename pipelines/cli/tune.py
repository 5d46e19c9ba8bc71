"""`tfmodels tune`: a search for options whose trials are runs."""

from types import ModuleType
from typing import TYPE_CHECKING

from pipelines import runs
from pipelines.cli import option_help, subcommands
from pipelines.runs import option_names, registry
from pipelines.runs.starting import first_checks

if TYPE_CHECKING:
    from pipelines.runs.tuning.study import Plan

_OPTIONS = {
    "--search 'NAME=VALUES,...'": "What varies: a range LOW..HIGH, with :log if orders of magnitude are equally "
    "likely, or choices A|B|C. Options of a model family vary in the trials of that model: "
    "'model=lstm|transformer,lstm.d_model=64|128,training.learning_rate=1e-4..1e-2:log'.",
    "--trials N": "How many trials the study has in the end, those of before and those ended early included. Default: "
    "20.",
    "--run NAME": "Name of the study; its runs are NAME-trial-0 and so on. Default: the name of the task.",
    "--storage FILE|URL": "File of a journal on a file system that all machines share, or the URL of a database, "
    "such as postgresql://...; processes with the same one share the study. Default: runs/NAME.journal.",
    "--jobs N": "Trials at once in this process. Default: 1.",
    "--prune median|none": "Which trials are ended early: those whose validation loss is above the median of the "
    "trials before, at the same step, or none. Default: median.",
    "--config FILE": "YAML file with options of all trials, or name of a recipe.",
}
_OWN = ("search", "trials", "run", "storage", "jobs", "prune")
_DEFAULTS = {"trials": 20, "jobs": 1}


def tune(arguments: list[str]) -> None:
    """Search for the options of a task; each trial is a run, and what was killed goes on."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_help())
        return
    name, *arguments = arguments
    task = registry.find(name)
    if any(argument in ("-h", "--help") for argument in arguments):
        print(option_help.text(f"tfmodels tune {name} --search ... [options]", _about(name), task.Config, _OPTIONS))
        return
    plan, storage, jobs = _parse(name, task, arguments)

    from pipelines.progress.consoles import console
    from pipelines.runs.reports import terminal
    from pipelines.runs.tuning import search_result, study

    found = study.open_study(plan, storage)
    study.run(found, plan, jobs, lambda line: print(line, flush=True))
    result = search_result.of(found, plan)
    files = search_result.keep(result, f"{name}, {len(result['trials'])} trials")
    terminal.show_table(console(), f"search of {plan.name}", *search_result.rows(result))
    print(f"Search: {', '.join(map(str, files))}")
    if result["best"]:
        print(f"Best: {result['best']['run']}. The loss of the best of many is too good; train it again with seeds:")
        print(f"  {result['best']['command']} --run {plan.name}-best --seeds 0,1,2")


def _parse(name: str, task: ModuleType, arguments: list[str]) -> "tuple[Plan, str, int]":
    from pipelines.runs import settings
    from pipelines.runs.tuning import search_space
    from pipelines.runs.tuning.study import Plan

    parser = settings.parser(task.Config, prog=f"tfmodels tune {name}")
    for own in _OWN:
        kind = type(_DEFAULTS[own]) if own in _DEFAULTS else str
        parser.add_argument(f"--{own}", type=kind, default=_DEFAULTS.get(own))
    options = settings.parse(parser, task.Config, arguments, name)
    for own, least in {"trials": 1, "jobs": 1}.items():
        if options[own] < least:
            raise ValueError(f"Expected --{own} of at least {least}. Received: --{own} {options[own]}")
    if options.prune not in (None, "median", "none"):
        raise ValueError(f"Expected --prune median or none. Received: --prune {options.prune}")
    if not options.search:
        raise ValueError(
            f"Expected --search with what varies, such as training.learning_rate=1e-4..1e-2:log; `tfmodels fit {name} "
            "--help` lists the options. Received: none"
        )
    of_fit = option_names.without(arguments, _OWN)
    dimensions = search_space.read(options.search)
    search_space.check(dimensions, task.Config, of_fit, name)
    full_name = registry.full_name(name)
    study = runs.folder(full_name, options.run)
    first_checks.check(task, runs.Run(study, full_name, settings.build(task.Config, options)))
    plan = Plan(
        study.name, full_name, task.Config, dimensions, ["fit", name, *of_fit], options.trials, options.prune != "none"
    )
    return plan, options.storage or str(runs.ROOT / f"{study.name}.journal"), options.jobs


def _about(name: str) -> str:
    return (
        f"{tune.__doc__}\n\nThe best trial is that with the least validation loss; the test split is not touched. The "
        f"options of all trials are those of `tfmodels fit {name}`."
    )


def _help() -> str:
    return "\n".join(
        [
            "usage: tfmodels tune TASK --search 'NAME=VALUES,...' [--trials N] [options of fit]",
            f"\n{tune.__doc__}",
            "\ntasks:",
            *subcommands.aligned(registry.summaries()),
            "\ntfmodels tune TASK --help lists the options.",
        ]
    )
