"""The address of a model on a server."""

import re
from typing import Literal, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

_PATH = re.compile(r"/v1/models/(?P<model>[^/:]+)(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:]+))?")

Scheme = Literal["http", "https", "grpc", "grpcs"]
_SCHEMES: dict[str, Scheme] = {"http": "http", "https": "https", "grpc": "grpc", "grpcs": "grpcs"}


class Address(NamedTuple):
    """A model on a server.

    Args:
        scheme: The interface.
        host: Host and port.
        model: The model's name.
        version: The version; None for the newest, or the one with the label.
        label: The label of a version.
    """

    scheme: Scheme
    host: str
    model: str
    version: int | None
    label: str | None

    def __str__(self) -> str:
        url = f"{self.scheme}://{self.host}/v1/models/{self.model}"
        if self.version is not None:
            return f"{url}/versions/{self.version}"
        return f"{url}/labels/{self.label}" if self.label else url


def read_address(url: str, model: str | None = None) -> Address:
    """Parses a URL.

    Args:
        url: `http://HOST:PORT` or `grpc://HOST:PORT`, encrypted `https://...` or `grpcs://...`, followed by
            `/v1/models/NAME` (and optionally `/versions/N` or `/labels/LABEL`) unless `model` is given.
        model: The model's name.

    Returns:
        The address.

    Raises:
        ValueError: If the URL is invalid, or names no model, or one beside `model`.

    Example:
        `read_address("grpc://localhost:8500", "demo")`
    """
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    scheme = _SCHEMES.get(parts.scheme)
    if scheme is None or not parts.netloc or parts.query or parts.fragment or not _has_port(parts):
        raise ValueError(f"Expected a URL such as http://localhost:8501/v1/models/NAME. Received: url={url}")
    if not path and model:
        return Address(scheme, parts.netloc, model, None, None)
    found = _PATH.fullmatch(path)
    if found is None or model:
        raise ValueError(
            "Expected a model's name, either in the URL, /v1/models/NAME, or as `model`. "
            f"Received: url={url}, model={model!r}"
        )
    version = int(found["version"]) if found["version"] else None
    label = unquote(found["label"]) if found["label"] else None
    return Address(scheme, parts.netloc, unquote(found["model"]), version, label)


def _has_port(parts: SplitResult) -> bool:
    """Whether the port is one, or left out."""
    try:
        return parts.port != 0
    except ValueError:  # no number, or above 65535
        return False
