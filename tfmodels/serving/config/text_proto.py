"""Reading text protos, the format of TensorFlow Serving's configuration files."""

from pathlib import Path
from typing import TypeVar

from google.protobuf import text_format
from google.protobuf.message import Message

MessageType = TypeVar("MessageType", bound=Message)


def read_text_proto(file: Path, message: MessageType) -> MessageType:
    """Reads a file into a message.

    Args:
        file: The file.
        message: An empty message of the expected type.

    Returns:
        The message.

    Raises:
        ValueError: If the file does not hold such a message.
    """
    try:
        return text_format.Parse(file.read_text(encoding="utf-8"), message)
    except (text_format.ParseError, UnicodeDecodeError) as error:
        raise ValueError(
            f"Expected a text proto of {message.DESCRIPTOR.full_name}. Received: {file}: {error}"
        ) from error
