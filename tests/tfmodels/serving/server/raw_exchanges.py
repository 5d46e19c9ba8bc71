"""Raw HTTP requests and what TensorFlow Serving 2.20 answers, as data.

An exchange that names a difference is a row of the table in docs/serving.md.
"""

import json
from dataclasses import dataclass
from typing import Any

SHAPE = "an array of another shape than the signature's"
WRAPPED = "an integer beyond int8, uint8 or int16"
DIGITS = "a number of more than 15 digits"
TRAILING = "a byte order mark, or text behind the document"
EXAMPLES = "`:classify`, `:regress`; `Classify`, `Regress`, `MultiInference`, `HandleReloadConfigRequest`"
NO_HOST = "HTTP/1.1 without `Host`"
EMPTY = "no rows, with batching"
NOT_UTF8_OUTPUT = "an output that is not UTF-8, by REST"
NO_METHOD = "a method that is none of HTTP"


@dataclass(frozen=True)
class Answer:
    """What a server answers.

    Args:
        status: The HTTP status; None if none comes.
        content: The value of `outputs` or `predictions`; None for any content, and for errors.
    """

    status: int | None
    content: Any = None


@dataclass(frozen=True)
class Raw:
    """A request and its answer.

    Args:
        name: Its name.
        request: The bytes sent.
        real: The answer of the real server.
        batched: The answer with batching; None if it is the same.
        difference: The row of the table of differences; None if ours is the same.
        ours: The answer of the development server where it differs.
    """

    name: str
    request: bytes
    real: Answer
    batched: Answer | None = None
    difference: str | None = None
    ours: Answer = Answer(400)

    def expected(self, real: bool, batched: bool) -> Answer:
        """What a server should answer."""
        if self.difference and not real:
            return self.ours
        return self.batched if batched and self.batched else self.real


def http(method: str, target: str, body: bytes | None = None, *headers: str, version: str = "HTTP/1.1") -> bytes:
    """A request with a Host and, if it has a body, its length."""
    lines = [f"{method} {target} {version}", "Host: localhost", *headers]
    lines += [] if body is None else [f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


def post(model: str, body: Any, real: Answer, **others: Any) -> Raw:
    """A prediction; its name is its body."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Raw(f"{model} {data[:100]!r}", http("POST", f"/v1/models/{model}:predict", data), real, **others)


def ok(content: Any = None) -> Answer:
    return Answer(200, content)


REFUSED, NOT_FOUND, NOT_IMPLEMENTED = Answer(400), Answer(404), Answer(501)
