"""`tfmodels evaluate`: evaluation of runs, or of exports of them, on held-out data."""

import argparse
import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines import runs
from pipelines.cli import subcommands, task_options
from pipelines.progress.quiet_import import import_tensorflow
from pipelines.runs import command_lines, data_fingerprints
from pipelines.runs.reports import exported, other_data
from pipelines.sources.split_names import OTHER

if TYPE_CHECKING:
    from pipelines.runs.report import Report
    from pipelines.sources.fingerprints import Fingerprint

_DATA_CHANGED = "Evaluate although the data files have changed since the run was prepared; keeps the report of the run."
_DATA = "Other data of the same form to evaluate on; the report is report.other.json."
_REMEDY = (
    "Put them back; or add --data_changed ok, which scores the rows as they are now (a forecaster: those that the run "
    "holds); or score other data with --data."
)
_OUTPUT = (
    "Also write the answers: a .csv, .tsv, .jsonl or .parquet file with a row each, its input, answer, reference and "
    "scores. The means of the scores are those of the report, where those are means."
)
_SEVERAL = "Several are scored one after the other."
_CHOOSE = (
    "Before, try beam sizes, length penalties and the least phrases that answers may not repeat on the validation "
    "split, and keep the best in the run, for all that follows; of several runs, the same in each. For tasks from text "
    "to text."
)
_OF = "The run that an export came from. Default: the one that its card names."


def evaluate(arguments: list[str]) -> None:
    """Evaluate runs or exports on held-out data and compare them with baselines; of several also mean and spread."""
    parser = subcommands.parser("evaluate", evaluate)
    parser.epilog = task_options.EPILOG
    parser.add_argument("run", metavar="RUN|EXPORT", nargs="+", help=f"{subcommands.MODEL} {_SEVERAL}")
    command_lines.add_task(parser)
    parser.add_argument("--run", dest="of", metavar="RUN", default="", help=_OF)
    parser.add_argument(
        "--split",
        choices=("validation", "test"),
        help="Split to evaluate on. Default: validation; of other data all, if it has no splits.",
    )
    parser.add_argument("--data", metavar="DATA", default="", help=_DATA)
    parser.add_argument("--data_changed", choices=("ok",), help=_DATA_CHANGED)
    parser.add_argument("--output", metavar="FILE", help=_OUTPUT)
    parser.add_argument("--choose_decoding", action="store_true", help=_CHOOSE)
    options, overrides = task_options.parse(parser, arguments)
    if options.data == "-":
        parser.error(
            "Expected --data FILE|FOLDER: data is read more than once, and its report names it. Received: --data -, "
            "standard input; save it first: cat > FILE"
        )
    if options.output:
        _check_output(parser, options)
    if options.choose_decoding:
        _refuse_clash(parser, options, overrides)
    split = options.split or (OTHER if options.data else "validation")
    models = [_scored(parser, one, options, overrides) for one in options.run]
    _refuse_different(models)
    with_files = [_on_data(run, options, split) for run in models]
    for run, files in with_files if options.output else ():
        read = files or data_fingerprints.fingerprints_of(run)
        subcommands.check_output(options.output, [one.path for one in read])
    import_tensorflow()
    if options.choose_decoding:
        from pipelines.runs.reports import decoding_choice

        with_files = [(run, []) for run in decoding_choice.choose(models)]
    found = {_name(run): _evaluate(run, split, files, options, overrides) for run, files in with_files}
    if len(found) > 1:
        from pipelines.runs.reports import several

        several.show(several.summary(found))


def _evaluate(
    run: "runs.Run", split: str, files: "list[Fingerprint]", options: argparse.Namespace, overrides: list[str]
) -> "Report":
    """Evaluates one run or export, writes its report and prints it."""
    from pipelines.runs.reports import answers, scoring, terminal

    differs = bool(overrides) and runs.load(run.path, run.task).config != run.config
    evaluation, file, drawn = scoring.score(
        run, split, files, overrides if differs else (), data_changed=options.data_changed == "ok"
    )
    terminal.show(evaluation)
    if options.output:
        rows = answers.write(evaluation.answers, options.output, run.task)
        print(f"Answers: {options.output}, {rows:,} rows")
    print(f"Report{' with changed options' if differs else ''}: {file}")
    if drawn:
        print(f"Figures: {', '.join(map(str, drawn))}")
    return evaluation


def _scored(
    parser: argparse.ArgumentParser, model: str, options: argparse.Namespace, overrides: list[str]
) -> "runs.Run":
    """The run, or the run of the export with the export in its place."""
    if runs.locate(model) is None and Path(model).is_dir():
        task_options.refuse(overrides, model)
        return exported.load(model, options.of, options.task, options.allow_code)
    if options.of:
        parser.error(f"Expected --run with an export only. Received: --run {options.of} with the run {model}")
    return task_options.run(model, options, overrides)


def _check_output(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuses an output that cannot be written, before anything is computed."""
    from pipelines.runs.reports import answers

    if len(options.run) > 1 or options.output == "-":
        received = f"{len(options.run)} models" if len(options.run) > 1 else "--output -, where the report is printed"
        parser.error(f"Expected --output FILE with one model. Received: {received}")
    answers.check_file(options.output)


def _refuse_clash(parser: argparse.ArgumentParser, options: argparse.Namespace, overrides: list[str]) -> None:
    """Refuses what options cannot be chosen on, or beside."""
    given = {"--split test": options.split == "test", "--data": options.data, " ".join(overrides): overrides}
    if clashing := [name for name, value in given.items() if value]:
        parser.error(
            "Expected --choose_decoding alone: it chooses on the validation split of a run, beside the options that "
            f"the run has. Received: --choose_decoding and {clashing[0]}"
        )


def _on_data(run: "runs.Run", options: argparse.Namespace, split: str) -> "tuple[runs.Run, list[Fingerprint]]":
    """The run with the data to score, and the files of that if it is not the run's own; refuses what cannot be."""
    files: list[Fingerprint] = []
    if options.data:
        run, files = other_data.instead(run, options.data, split)
    else:
        data_fingerprints.check_unchanged(run, options.data_changed == "ok", _REMEDY)
    if not os.access(run.path, os.W_OK):  # at once, not when all is scored
        raise PermissionError(errno.EACCES, "its report cannot be written", str(run.path))
    return run, files


def _refuse_different(models: "list[runs.Run]") -> None:
    """Refuses models whose scores have no mean."""
    if len({run.task for run in models}) > 1:
        received = ", ".join(f"{_name(run)} of {run.task}" for run in models)
        raise ValueError(f"Expected runs of one task. Received: {received}")
    if twice := [name for name in map(_name, models) if [*map(_name, models)].count(name) > 1]:
        raise ValueError(f"Expected different runs. Received: {twice[0]} twice")


def _name(run: "runs.Run") -> str:
    if run.served:
        return run.served.name
    return run.name if run.path == runs.ROOT / run.name else str(run.path)
