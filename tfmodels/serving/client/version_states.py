"""The states of the versions of a model on a server, and what they say of one that was not found."""

from collections.abc import Mapping

from tfmodels.serving.client.address import Address

# Of TensorFlow Serving's API.
STATES = {0: "UNKNOWN", 10: "START", 20: "LOADING", 30: "AVAILABLE", 40: "UNLOADING", 50: "END"}
_SHOWN = 10  # versions in a message


def why_not_found(address: Address, states: Mapping[int, str]) -> str:
    """Says why a server does not find a model, and what to do.

    Args:
        address: The model that was asked for.
        states: Version -> state of the versions that the server knows.

    Returns:
        A sentence.

    Example:
        `why_not_found(address, {1: "LOADING"})` -> "Model 'demo' is still loading there: try again soon"
    """
    if not states:
        return (
            f"The server has no model {address.model!r}, or has not begun to load it: check the name in the URL "
            "against those that the server was started with"
        )
    wanted = [states[address.version]] if address.version in states else states.values()
    if address.version in (None, *states) and {"START", "LOADING"} & {*wanted}:
        return f"Model {address.model!r} is still loading there: try again soon"
    there = ", ".join(f"{number} ({states[number]})" for number in sorted(states, reverse=True)[:_SHOWN])
    return f"Versions of {address.model!r} there: {there}; what a failed one lacks is in the log of the server"
