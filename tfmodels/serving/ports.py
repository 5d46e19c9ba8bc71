"""Ports that a server is to listen on."""

import socket


def require_free(host: str, name: str, port: int) -> None:
    """Refuses a port that is taken, or none, before anything is loaded for it.

    Args:
        host: The address to listen on.
        name: Name of the option.
        port: The port; 0 for any free one.

    Raises:
        ValueError: It is taken, out of range, or the address is not of this machine.

    Example:
        `require_free("127.0.0.1", "rest_port", 8501)`
    """
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except (OSError, OverflowError) as error:
        raise ValueError(not_free(name, port, error)) from None


def not_free(name: str, port: int, error: Exception) -> str:
    """What is said of a port that a server cannot listen on.

    Args:
        name: Name of the option.
        port: The port.
        error: The error of the system.

    Example:
        `not_free("rest_port", 80, PermissionError(13, "Permission denied"))`
    """
    return f"Expected a free port; choose another with --{name} N, 0 for any free one. Received: {name}={port}. {error}"
