"""`tfmodels app`: a page that tries a model in the browser."""

import argparse
import contextlib
import importlib.util
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines import runs
from pipelines.cli import subcommands, task_options
from pipelines.cli.predicting import served
from pipelines.runs import command_lines
from tfmodels.prompt_end import PromptEnd

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipelines.app.model import Model

_INSTALL = "Expected Gradio, of which the page is made: pip install 'tfmodels[app]'. Received: none"


def app(arguments: list[str]) -> None:
    """Open a page in the browser that tries a run, an export, a folder of exports or a model on a server."""
    parser = subcommands.parser("app", app)
    parser.usage = "tfmodels app RUN|EXPORT|FOLDER [--port PORT]\n       tfmodels app --url URL [--card FILE]"
    parser.add_argument("model", metavar="RUN|EXPORT|FOLDER", nargs="?", help=f"{subcommands.MODEL} Or of exports.")
    command_lines.add_task(parser)
    parser.add_argument("--url", help="A model on a server instead, such as http://localhost:8501/v1/models/demo.")
    parser.add_argument(
        "--card", metavar="FILE", help="With --url: the card, EXPORT/assets.extra/tfmodels.json, of the model's task."
    )
    served.add_access(parser)
    parser.add_argument("--port", type=int, default=7860, help="Port of the page, 0 = any free. Default: %(default)s.")
    parser.add_argument("--host", default="127.0.0.1", help="Address to listen on. Default: %(default)s, this machine.")
    parser.add_argument("--auth", metavar="USER:PASSWORD", help="Ask for this user and password.")
    options = parser.parse_args(arguments)
    if bool(options.model) == bool(options.url):
        parser.error("Expected a run, an export, a folder of exports, or a --url")
    if not options.url:
        served.refuse_access(parser, options)
    if options.card and not options.url:
        parser.error("Expected --card with --url: a run and an export have one")
    auth = _auth(options.auth)
    from pipelines.app import launching
    from tfmodels.serving import ports

    ports.require_free(options.host, "port", options.port)
    if importlib.util.find_spec("gradio") is None:
        raise ValueError(_INSTALL)
    with PromptEnd() as ending, contextlib.ExitStack() as opened:
        models = _models(options, opened)
        with launching.own_folder(ending) as folder:
            from pipelines.app import page

            is_here = options.host in launching.HERE
            url = launching.launch(page.make(models, is_here), folder, options.host, options.port, auth)
            reach = "" if is_here else _reach(options)
            print(f"The page is at {url} Stop it with Ctrl-C.{reach}", flush=True)
            launching.wait(ending, folder)


def _auth(given: str | None) -> tuple[str, str] | None:
    if given is None:
        return None
    user, _, password = given.partition(":")
    if not (user and password):
        raise ValueError("Expected --auth USER:PASSWORD. Received: one without a user or without a password")
    return user, password


def _reach(options: argparse.Namespace) -> str:
    """What an address means that others may reach."""
    who = "who knows the password" if options.auth else "who can reach it"
    return (
        f"\nIt listens on {options.host}: everyone {who} can ask the model and read its card. What they send is not "
        "encrypted; put a server with TLS before it where others may listen."
    )


def _models(options: argparse.Namespace, opened: contextlib.ExitStack) -> "dict[str, Callable[[], Model]]":
    """Name -> what opens the model; a single one is opened now, so that what is wrong with it is said at once."""
    from pipelines.app import opening

    if options.url:
        predictor = opened.enter_context(served.connected(options))
        if options.card:
            opening.add_card(predictor, Path(options.card))
        model = opening.of(options.url, "server", predictor, options.task)
    elif runs.locate(options.model) is not None:
        predictor = task_options.model(options.model, options)
        model = opening.of(options.model, "run", predictor, options.task)
    else:
        opens: dict[str, Callable[[], Model]] = {
            name: cache(partial(opening.export, name, path, options.task))
            for name, path in opening.exports(options.model).items()
        }
        if len(opens) > 1:
            return opens
        model = next(iter(opens.values()))()
    return {model.name: lambda: model}
