"""What a page answers: requests of its own, no longer than its forms make them. Gradio checks files alone."""

import json
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Message = MutableMapping[str, Any]
Receive, Send = Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

_UPLOAD = "/upload"  # the end of the path of files
_KEPT = 500 * 2**20  # bytes of all files that are kept


class OwnRequests:
    """ASGI middleware that refuses requests of other sites, long ones, and those that name files of others.

    Args:
        app: What answers the others.
        folder: Where uploads lie. A request may name no other file, and no address that the server would fetch.
        longest: Most bytes of an upload.
        longest_call: Most bytes of another request.
        hosts: The names of this machine that a request must be sent to, from no other page than this one: a name that
            another site points here (DNS rebinding) is none of them. Default: any, as for a page behind a proxy.

    Example:
        `FastAPI(middleware=[Middleware(OwnRequests, folder=folder, longest=2**24, longest_call=2**20)])`
    """

    def __init__(
        self, app: App, folder: Path, longest: int, longest_call: int, hosts: Collection[str] | None = None
    ) -> None:
        self.app, self.folder, self.hosts = app, folder.resolve(), hosts
        self.longest, self.longest_call = longest, longest_call

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answers a request by a status, or passes it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        is_upload = scope["path"].endswith(_UPLOAD)
        most = self.longest if is_upload else self.longest_call
        length = headers.get(b"content-length", "0")
        if not self._is_own(headers):
            await _refuse(send, 403, "of another site")
        elif not (length.isdecimal() and int(length) <= most):
            await _refuse(send, 413, "too long")
        elif is_upload and self._kept() > _KEPT:
            await _refuse(send, 507, "too many files are kept; they are deleted within two hours")
        elif is_upload or scope["method"] != "POST":
            await self.app(scope, _counted(receive, most), send)
        else:
            body = await _read(receive, most)
            if body is None or self._names_others(body):
                await _refuse(send, 403, "names a file that was not uploaded")
            else:
                await self.app(scope, _again(body, receive), send)

    def _is_own(self, headers: dict[bytes, str]) -> bool:
        if self.hosts is None:
            return True
        host, origin = headers.get(b"host", ""), headers.get(b"origin")
        try:
            return urlsplit(f"//{host}").hostname in self.hosts and origin in (None, f"http://{host}")
        except ValueError:
            return False

    def _kept(self) -> int:
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    def _names_others(self, body: bytes) -> bool:
        """Whether the values of a call, in JSON, name a file outside of the folder."""
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            return False  # which Gradio refuses
        parts = [found]
        while parts:
            part = parts.pop()
            if isinstance(part, dict):
                path = part.get("path")
                if path is not None and not (isinstance(path, str) and self._is_kept(path)):
                    return True
                parts += part.values()
            elif isinstance(part, list):
                parts += part
        return False

    def _is_kept(self, path: str) -> bool:
        try:
            return Path(path).resolve().is_relative_to(self.folder)
        except (ValueError, OSError, RuntimeError):
            return False


async def _refuse(send: Send, status: int, reason: str) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"connection", b"close")]})
    await send({"type": "http.response.body", "body": reason.encode()})


async def _read(receive: Receive, most: int) -> bytes | None:
    """The body of a request; None if it is longer, or the sender is gone."""
    body = b""
    while len(body) <= most:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body if len(body) <= most else None
    return None


def _again(body: bytes, receive: Receive) -> Receive:
    """What gives a body that was read, then what comes after it."""
    left = [body]

    async def read() -> Message:
        return {"type": "http.request", "body": left.pop(), "more_body": False} if left else await receive()

    return read


def _counted(receive: Receive, most: int) -> Receive:
    """What gives a body until it is too long."""
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        return message if read <= most else {"type": "http.disconnect"}

    return counted
