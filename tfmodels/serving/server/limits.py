"""What a request may take: time, memory, rows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The limits of a development server.

    Args:
        rest_seconds: Time limit of a request over REST after its body has arrived, the real server's default; also of
            the arrival.
        call_seconds: Time limit of a call over gRPC; those without a deadline have this one.
        load_seconds: Time limit of loading and warming one version.
        most_rows: Maximum rows of a request that is not batched.
        most_bytes: Maximum size of one request, uncompressed.
        most_bytes_held: Maximum size of all requests that are held at the same time.
        most_connections: Maximum connections to the REST interface.
        header_seconds: Within how many seconds of its first byte the header of a request must be complete.
        idle_seconds: How long a connection may be idle, and how long a response may take to be received.

    Raises:
        ValueError: If a value is not positive.
    """

    rest_seconds: float = 30.0
    call_seconds: float = 300.0
    load_seconds: float = 300.0
    most_rows: int = 512
    most_bytes: int = 2**24
    most_bytes_held: int = 2**28
    most_connections: int = 1000
    header_seconds: float = 10.0
    idle_seconds: float = 75.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f"Expected a positive number. Received: {name}={value}")

    @property
    def most_arriving(self) -> int:
        """How many messages may arrive over gRPC at the same time, and how many slow ones beside them.

        Together they take no more than half of what may be held.
        """
        return max(1, self.most_bytes_held // self.most_bytes // 4)
