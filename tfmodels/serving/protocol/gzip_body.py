"""Bodies in gzip, expanded to a limit."""

import zlib

from tfmodels.serving.protocol.status import TooLargeError, invalid

_GZIP = 31  # what zlib calls the format
_LARGEST_RATIO = 1032  # of the format


def expanded_bytes(size: int, most_bytes: int) -> int:
    """The memory that `gunzip` may take.

    Args:
        size: The size of the body in bytes.
        most_bytes: Maximum size of the document.

    Returns:
        Bytes.
    """
    return min(_LARGEST_RATIO * size, most_bytes)


def gunzip(body: bytes, most_bytes: int) -> bytes:
    """Expands a body.

    Args:
        body: The body.
        most_bytes: Maximum size of the document.

    Returns:
        The document.

    Raises:
        ServingError: If it is no gzip, cut off, or too large.
    """
    stream = zlib.decompressobj(_GZIP)
    try:
        document = stream.decompress(body, most_bytes + 1)
    except zlib.error as error:
        raise invalid(f"Expected a body in gzip. {error}") from None
    if len(document) > most_bytes:
        raise TooLargeError(f"Expected a body of at most {most_bytes} bytes; send fewer rows in one request")
    if not stream.eof:
        raise invalid("Expected a body in gzip. It is cut off")
    return document
