"""Which model on which server a URL means."""

import re
from typing import Literal, NamedTuple
from urllib.parse import unquote, urlsplit

_PATH = re.compile(r"/v1/models/(?P<model>[^/:]+)(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:]+))?")


class Address(NamedTuple):
    """A model on a server.

    Args:
        scheme: The interface.
        host: Host and port.
        model: The model's name.
        version: The version; None for the newest, or that of the label.
        label: The version's label.
    """

    scheme: Literal["http", "https", "grpc"]
    host: str
    model: str
    version: int | None
    label: str | None

    def __str__(self) -> str:
        part = (
            f"/versions/{self.version}" if self.version is not None else f"/labels/{self.label}" if self.label else ""
        )
        return f"{self.scheme}://{self.host}/v1/models/{self.model}{part}"


def read_address(url: str, model: str | None = None) -> Address:
    """Reads a URL.

    Args:
        url: `http://HOST:PORT`, `https://...` or `grpc://HOST:PORT`; with `/v1/models/NAME` behind it, and perhaps
            `/versions/N` or `/labels/LABEL`, unless `model` is given.
        model: The model's name.

    Returns:
        The address.

    Raises:
        ValueError: If it is no such URL, or names no model or two.

    Example:
        `read_address("grpc://localhost:8500", "demo")`
    """
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    if parts.scheme not in ("http", "https", "grpc") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"Expected a URL such as http://localhost:8501/v1/models/NAME. Received: url={url}")
    if not path and model:
        return Address(parts.scheme, parts.netloc, model, None, None)
    found = _PATH.fullmatch(path)
    if found is None or model:
        raise ValueError(
            f"Expected a model's name, either in the URL, /v1/models/NAME, or beside it. Received: url={url}, "
            f"model={model!r}"
        )
    version = int(found["version"]) if found["version"] else None
    return Address(
        parts.scheme, parts.netloc, unquote(found["model"]), version, found["label"] and unquote(found["label"])
    )
