"""A warning about texts that a model hardly knows a word of."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

_MOST = 1 / 3  # of a text's tokens


def warn(outputs: Sequence[Mapping[str, Any]]) -> None:
    """Prints how many texts have more than a third of tokens that the vocabulary lacks, to standard error.

    Args:
        outputs: Of an endpoint for each text; those that tell have the output `unknown`.

    Example:
        `warn([{"label": "good", "unknown": 0.5}])`
    """
    shares = [output.get("unknown") for output in outputs]
    places = [place for place, share in enumerate(shares, start=1) if isinstance(share, float) and share > _MOST]
    if places:
        print(
            f"warning: more than a third of the tokens are unknown to the vocabulary in {len(places):,} of "
            f"{len(outputs):,} texts, the first of them text {places[0]:,}: doubt their labels",
            file=sys.stderr,
        )
