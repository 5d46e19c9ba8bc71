"""The lines that ask what a page asked: `curl` for a server, and Python."""

import json
import math
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from pipelines.app.model import Model
from pipelines.runs.rows.asked import DEFAULT, Asked
from tfmodels.export.example_call import values_of

_LONGEST = 2_000  # characters of a request that is shown; a longer one is a file
FILE = "request.json"


class Lines(NamedTuple):
    """How to ask the same.

    Attributes:
        curl: Lines for a shell.
        python: Lines for Python.
        body: The body of the request.
        is_long: Whether the lines read it from the file `request.json`.
    """

    curl: str
    python: str
    body: str
    is_long: bool


def lines(model: Model, asked: Asked, rows: Sequence[Any]) -> Lines:
    """How to ask what was asked.

    Args:
        model: The model.
        asked: Its endpoint.
        rows: The rows that it answered, as of `Asked.read`.

    Returns:
        Lines that a shell and Python take as they are.

    Example:
        `print(lines(model, model.asked(), ["A dog."]).curl)`
    """
    found = _rows(asked, rows)
    head = {} if asked.endpoint == DEFAULT else {"signature_name": asked.endpoint}
    body = json.dumps({**head, "instances": found}, ensure_ascii=False)
    is_long = len(body) > _LONGEST or not _are_finite(found)
    return Lines(_curl(model, body, is_long), _python(model, asked.endpoint, found, is_long), body, is_long)


def _rows(asked: Asked, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """The rows as JSON values: each input of the endpoint, nothing else."""
    values = [row if isinstance(row, Mapping) else {asked.column: row} for row in asked.values(rows)]
    columns = {name: [row[name] for row in values] for name in asked.inputs}
    fed = values_of(asked.predictor.endpoints[asked.endpoint].feed(columns))
    return [dict(zip(fed, cells, strict=True)) for cells in zip(*fed.values(), strict=True)]


def _curl(model: Model, body: str, is_long: bool) -> str:
    data = f"@{FILE}" if is_long else shlex.quote(body)
    if model.kind == "server":
        return f"curl {shlex.quote(model.address)}:predict -d {data}" if model.address.startswith("http") else ""
    first = f"tfmodels serve {shlex.quote(model.address)}"
    if model.kind == "run":
        first = f"tfmodels export {shlex.quote(model.address)}\ntfmodels serve"
    url = f"http://localhost:8501/v1/models/{quote(model.name, safe='')}"
    return f"# in another terminal\n{first}\n\n# here\ncurl {url}:predict -d {data}"


def _python(model: Model, endpoint: str, rows: list[dict[str, Any]], is_long: bool) -> str:
    named = "" if endpoint == DEFAULT else f", {endpoint!r}"
    given = f'json.load(open("{FILE}"))["instances"]' if is_long else repr(rows)
    imported = ["import json", ""] if is_long else []
    if model.kind != "server":
        return "\n".join(
            [*imported, "import tfmodels", "", f"model = tfmodels.load({model.address!r})",
             f"print(model.predict({given}{named}))"]
        )  # fmt: skip
    columns = "{name: [row[name] for row in rows] for name in rows[0]}"
    return "\n".join(
        [*imported, "from tfmodels.serving import Client", "", f"rows = {given}",
         f"with Client({model.address!r}) as client:", f"    print(client.predict({endpoint!r}, **{columns}))"]
    )  # fmt: skip


def _are_finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        value = value.values()
    return all(map(_are_finite, value)) if not isinstance(value, str | int | None) else True
