"""The `tfmodels` command: `tfmodels VERB ...`.

A verb finds the task of a run and calls the functions of its module. What is slow to import (TensorFlow, the parser of
options, tables) is imported by the verb that needs it, so that help and refused options come at once.
"""

import argparse
import dataclasses
import json
import math
import os
import shlex
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import runs, tasks
from pipelines.quiet_import import held_back, import_tensorflow
from pipelines.suggestions import did_you_mean

if TYPE_CHECKING:
    from pipelines.served import Served
    from tfmodels.export import Finding

_DONE, _FAILED, _WRONG, _INTERRUPTED = 0, 1, 2, 130  # exit status; an exception that is not caught ends with 1
_MISTAKES = (ValueError, FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError)
_RUN = "A run: its folder, or its name under runs/."
_MODEL = "A run (folder, or name under runs/) or the folder of an export."


def main(argv: list[str] | None = None) -> int:
    """Runs the command.

    Args:
        argv: Its arguments; those of the process by default.

    Returns:
        The exit status: 0 done; 1 if a training diverged, a check found an error or a server did not answer; 2 if the
        command or its input was wrong; 130 interrupted. An exception that is raised out of here is a failure of the
        work, which Python ends with 1 and a trace.

    Example:
        `main(["fit", "translation", "--training.steps", "100"])`
    """
    arguments = sys.argv[1:] if argv is None else argv
    sys.argv = ["tfmodels", *arguments]  # what `runs.command_line` quotes, however this was started
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # off by default where AVX2 is the best there is, yet faster
    try:
        return _dispatch(arguments)
    except KeyboardInterrupt:
        print(f"\nInterrupted.{_how_to_resume(arguments)}", file=sys.stderr)
        return _INTERRUPTED
    except (FloatingPointError, ConnectionError) as error:  # its message says what to try
        print(f"tfmodels: error: {error}", file=sys.stderr)
        return _FAILED
    except _MISTAKES as error:
        if _raised_by_dependency(error):
            raise
        print(f"tfmodels: error: {error}", file=sys.stderr)
        return _WRONG


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_help())
        return _DONE
    verb, *rest = arguments
    if verb not in _VERBS:
        raise ValueError(f"Expected a verb: {', '.join(_VERBS)}. Received: {verb}{did_you_mean(verb, _VERBS)}")
    return _VERBS[verb](rest) or _DONE


def _fit(arguments: list[str]) -> None:
    """Train the model of a task, or go on with an interrupted run."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_fit_help())
        return
    name, *arguments = arguments
    task = tasks.find(name)

    from pipelines import option_search, settings

    parser = settings.parser(
        task.Config, prog=f"tfmodels fit {name}", usage=f"tfmodels fit {name} [options]", description=task.__doc__
    )
    parser.add_argument(
        "--run", metavar="NAME", help="Name of the run, its folder under runs/; the task's name if left out."
    )
    parser.add_argument("--overwrite", action="store_true", help="Replace a run of that name.")
    for switch, function in option_search.SEARCHES.items():
        parser.add_argument(switch, action="store_true", help=function.__doc__.partition("\n")[0])
    options = settings.parse(parser, settings.spelt_out(task.Config, arguments), option_search.SEARCHES)
    config = settings.build(task.Config, options)
    overwritten = runs.ROOT / (options.run or tasks.short_name(name)) if options.overwrite else None
    search = option_search.chosen(options, task, config, overwritten)

    run = runs.create(tasks.full_name(name), config, options.run, options.overwrite)
    if search:  # whose child processes need the memory of the GPUs, of which TensorFlow would take all
        os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    import_tensorflow()
    try:
        task.prepare(config, run)
    except _MISTAKES:
        runs.withdraw(run)
        raise
    runs.keep(run)
    if search:
        search(task, config, run)
        return
    task.fit(config, run)
    print(f"The run lies in {run.path}. Next:")
    for command in (f"evaluate {run.name} --split test", f"export {run.name}", f"predict {run.name} --input FILE"):
        print(f"  tfmodels {command}")


def _evaluate(arguments: list[str]) -> None:
    """Score a run on held-out data, beside naive opponents."""
    parser = _parser("evaluate")
    parser.add_argument("run", metavar="RUN", help=_RUN)
    parser.add_argument(
        "--split", choices=("validation", "test"), default="validation", help="What to score on. Default: %(default)s."
    )
    options = parser.parse_args(arguments)
    run = runs.open(options.run)
    import_tensorflow()

    from pipelines import report

    scored = tasks.find(run.task).evaluate(run.config, run, options.split)
    file = report.write(scored, run.path)
    report.show(scored)
    print(f"The report lies in {file}.")


def _export(arguments: list[str]) -> None:
    """Write a run's model for TensorFlow Serving."""
    parser = _parser("export")
    parser.add_argument("run", metavar="RUN", help=_RUN)
    parser.add_argument("--to", metavar="FOLDER", help="Folder of versions. Default: saved_models/<name of the run>.")
    parser.add_argument("--keep", metavar="N", type=int, help="Delete the oldest versions beyond N. Default: none.")
    options = parser.parse_args(arguments)
    if options.keep is not None and options.keep < 1:
        parser.error(f"Expected --keep to be at least 1. Received: {options.keep}")
    run = runs.open(options.run)
    folder = Path(options.to or Path("saved_models") / run.name)
    if folder.name == "serving":
        raise ValueError(
            f"Expected another name: `serving` is for the server's files, name a folder with --to. Received: {folder}"
        )
    import_tensorflow()
    served = tasks.find(run.task).endpoints(run.config, run)

    from tfmodels.export import save

    version = save(folder, served.endpoints, served.tracked, served.samples, served.card, options.keep)
    _print_endpoints(served)
    print(f"Checked, the export lies in {version}. Next:")
    print(f"  tfmodels predict {shlex.quote(str(folder))} {_sample(served)}")


def _check(arguments: list[str]) -> int:
    """Find what would fail or harm others behind TensorFlow Serving, in any SavedModel."""
    parser = _parser("check")
    parser.add_argument("model", metavar="SAVED_MODEL", help="Folder of a version, or of versions: then the newest.")
    parser.add_argument("--json", action="store_true", help="Print the findings as JSON.")
    options = parser.parse_args(arguments)
    import_tensorflow()

    from tfmodels.export import check

    with held_back():
        findings = check(options.model)
    if options.json:
        print(json.dumps([dataclasses.asdict(finding) for finding in findings], indent=2, ensure_ascii=False))
    else:
        _print_findings(findings)
    return _FAILED if any(finding.severity == "error" for finding in findings) else _DONE


def _predict(arguments: list[str]) -> None:
    """Answer texts or a file of rows."""
    parser = _parser("predict")
    parser.usage = "tfmodels predict RUN|EXPORT [--input FILE] [--output FILE] [TEXT ...]\n"
    parser.usage += "       tfmodels predict --url URL TEXT ..."
    parser.add_argument(
        "words", metavar="RUN|EXPORT TEXT", nargs="*",
        help=f"{_MODEL} Then what to answer; behind -- if a text starts with a dash.",
    )  # fmt: skip
    parser.add_argument(
        "--url", help="Ask a server instead, such as http://localhost:8501/v1/models/demo; grpc://... also serves."
    )
    parser.add_argument("--input", metavar="FILE", help="File of rows to answer, instead of texts.")
    parser.add_argument("--output", metavar="FILE", help="File for the answers. Default: the terminal.")
    options = parser.parse_args(arguments)
    if options.url:
        if not options.words or options.input or options.output:
            parser.error("Expected texts, and no file, with --url")
        _print_outputs(_ask_server(options.url, options.words))
        return
    model, *texts = options.words or [None]
    if model is None or bool(texts) == bool(options.input):
        parser.error(
            "Expected a run or an export, and either texts or --input FILE; "
            "texts that start with a dash stand behind --"
        )
    import_tensorflow()

    from pipelines.predictor import load

    predictor = load(model)
    task = tasks.find(predictor.card["task"])
    rows = task.requests(Path(options.input), predictor.card) if options.input else texts
    outputs = predictor.predict(rows)
    if options.output:
        task.answers(Path(options.output), rows, outputs, predictor.card)
        print(f"{len(outputs)} answers lie in {options.output}.")
    else:
        _print_outputs(outputs)


def _ask_server(url: str, texts: list[str]) -> list[dict[str, Any]]:
    import_tensorflow()

    from pipelines.predictor import connect
    from tfmodels.serving import ServingError

    try:
        with connect(url) as predictor:
            return predictor.predict(texts)
    except ServingError as error:
        raise ConnectionError(str(error)) from error


def _score(arguments: list[str]) -> None:
    """Tell how probable a model finds given answers."""
    parser = _parser("score")
    parser.add_argument("model", metavar="RUN|EXPORT", help=_MODEL)
    parser.add_argument(
        "--input", metavar="PAIRS", required=True, help="File of lines `source<TAB>target`, plain or .gz."
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="File for the lines `log-probability<TAB>tokens`: natural logarithm, with that of the target's end, which "
        "is not among the tokens. Default: the terminal.",
    )
    options = parser.parse_args(arguments)

    from pipelines.sources import text_pairs

    rows = [{"text": pair.source, "target": pair.target} for pair in text_pairs.read_tabbed(options.input)]
    if not rows:
        raise ValueError(f"Expected lines `source<TAB>target`. Received: an empty file, {options.input}")
    import_tensorflow()

    from pipelines.predictor import load

    outputs = load(options.model).predict(rows, "score")
    lines = "".join(f"{output['score']:.6f}\t{output['length']}\n" for output in outputs)
    if options.output:
        Path(options.output).write_text(lines, encoding="utf-8")
        print(f"{len(outputs)} scores lie in {options.output}.")
    else:
        print(lines, end="")
    total, tokens = (sum(output[name] for output in outputs) for name in ("score", "length"))
    mean = total / (tokens + len(outputs))
    print(
        f"log-probability {total:.4f}, {mean:.4f} a token (ends included), perplexity {math.exp(-mean):.4f}",
        file=sys.stdout if options.output else sys.stderr,  # what is redirected has a line for each pair
    )


def _explain(arguments: list[str]) -> None:
    """Show how a run's model came to an answer, in pictures and numbers."""
    parser = _parser("explain")
    parser.add_argument("run", metavar="RUN", help=_RUN)
    parser.add_argument("text", metavar="TEXT", help="What to answer.")
    parser.add_argument(
        "--output", metavar="FILE|FOLDER", help="Picture to write, or a folder. Default: explain/ in the run."
    )
    options = parser.parse_args(arguments)
    run = runs.open(options.run)
    import_tensorflow()
    explanation = tasks.find(run.task).explain(run.config, run, options.text)
    for file in explanation.write(Path(options.output or run.path / "explain")):
        print(file)


def _serve(arguments: list[str]) -> None:
    """Serve exports: by TensorFlow Serving if it is at hand, else by a development server."""
    parser = _parser("serve")
    parser.add_argument(
        "folder", metavar="FOLDER", nargs="?", default="saved_models",
        help="A folder of exports, or one export. Default: %(default)s.",
    )  # fmt: skip
    parser.add_argument("--rest-port", type=int, default=8501, metavar="PORT", help="Default: %(default)s.")
    parser.add_argument("--grpc-port", type=int, default=8500, metavar="PORT", help="Default: %(default)s.")
    parser.add_argument("--host", default="127.0.0.1", help="Address to listen on. Default: %(default)s, this machine.")
    parser.add_argument(
        "--server", metavar="PATH", help="A tensorflow_model_server, or `development` for the development server."
    )
    parser.add_argument("--batching", metavar="FILE", help="Parameters of batching, such as serving/batching.config.")
    parser.add_argument(
        "--write-config", action="store_true",
        help="Only write FOLDER/serving/: files for TensorFlow Serving, docker compose and Kubernetes.",
    )  # fmt: skip
    options = parser.parse_args(arguments)

    from pipelines import serving

    if options.write_config:
        serving.write_config(options.folder)
    else:
        serving.serve(options)


_VERBS: dict[str, Callable[[list[str]], int | None]] = {
    "fit": _fit,
    "evaluate": _evaluate,
    "export": _export,
    "check": _check,
    "predict": _predict,
    "score": _score,
    "explain": _explain,
    "serve": _serve,
}


def _parser(verb: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(prog=f"tfmodels {verb}", description=_VERBS[verb].__doc__, allow_abbrev=False)


def _help() -> str:
    return "\n".join(
        [
            "usage: tfmodels VERB ...",
            "\nSequence models for TensorFlow, from raw data to TensorFlow Serving.",
            "\nverbs (tfmodels VERB --help tells more):",
            *_aligned({name: verb.__doc__ for name, verb in _VERBS.items()}),
            "\ntasks:",
            *_aligned(tasks.summaries()),
        ]
    )


def _fit_help() -> str:
    return "\n".join(
        [
            "usage: tfmodels fit TASK [options]",
            f"\n{_fit.__doc__}",
            "\nTASK is one of these, any importable module that defines `Config`, or such a .py file:",
            *_aligned(tasks.summaries()),
            "\ntfmodels fit TASK --help lists the options of a task.",
        ]
    )


def _aligned(descriptions: dict[str, str]) -> list[str]:
    width = max(map(len, descriptions), default=0)
    return [f"  {name:{width}}  {description}" for name, description in descriptions.items()]


def _how_to_resume(arguments: list[str]) -> str:
    if arguments[:1] != ["fit"]:
        return ""
    again = shlex.join(["tfmodels", *(argument for argument in arguments if argument != "--overwrite")])
    return f" Go on with\n  {again}"


def _raised_by_dependency(error: Exception) -> bool:
    """Whether the error comes out of Keras or TensorFlow: then it is no message to the user, and its trace matters."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return frames[-1].f_globals.get("__name__", "").partition(".")[0] in ("keras", "tensorflow")


def _print_endpoints(served: "Served") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("endpoint", "inputs", "outputs")
    for endpoint in served.endpoints:
        outputs = endpoint.traced.structured_outputs
        table.add_row(
            endpoint.name,
            "\n".join(f"{spec.name}: {spec.dtype.name} {spec.shape}" for spec in endpoint.inputs),
            "\n".join(f"{name}: {spec.dtype.name} {spec.shape}" for name, spec in outputs.items()),
        )
    Console().print(table)


def _print_findings(findings: list["Finding"]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not findings:
        print("Nothing was found.")
        return
    table = Table("severity", "rule", "endpoint", "of", "what is wrong", "what to do", show_lines=True)
    for finding in findings:
        cells = (finding.severity, finding.rule, finding.endpoint, finding.subject, finding.problem, finding.advice)
        table.add_row(*map(Text, cells))
    Console().print(table)


def _sample(served: "Served") -> str:
    """An input of the sample, quoted for the shell; a file where inputs are no texts."""
    sample = served.samples["serving_default"][served.card["columns"][0]][0]
    if not isinstance(sample, str | bytes):
        return "--input FILE --output FILE"
    return shlex.quote(sample.decode() if isinstance(sample, bytes) else sample)


def _print_outputs(outputs: list[dict[str, Any]]) -> None:
    """One line for each text; a table if the answers have no text."""
    if all("text" in output for output in outputs):
        for output in outputs:
            print(output["text"])
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*outputs[0])
    for output in outputs:
        table.add_row(*(Text(str(value)) for value in output.values()))
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
