"""A bound on what a page is sent, before it is in memory: Gradio bounds files alone."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive, Send = Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]


class BodyLimit:
    """ASGI middleware that answers requests with longer bodies by status 413.

    Args:
        app: What answers the others.
        most: Most bytes of a body.

    Example:
        `FastAPI(middleware=[Middleware(BodyLimit, most=1_000_000)])`
    """

    def __init__(self, app: Callable[[Message, Receive, Send], Awaitable[None]], most: int) -> None:
        self.app, self.most = app, most

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answers a request, or passes it on; of a body without a length the rest is not read."""
        length = dict(scope.get("headers", ())).get(b"content-length", b"0")
        if scope["type"] == "http" and not (length.isdigit() and int(length) <= self.most):
            await send({"type": "http.response.start", "status": 413, "headers": [(b"connection", b"close")]})
            await send({"type": "http.response.body", "body": b"too long"})
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            return message if read <= self.most else {"type": "http.disconnect"}

        await self.app(scope, counted, send)
