"""The pairs that a run is scored on."""

from typing import TYPE_CHECKING

from pipelines.runs import data_fingerprints
from pipelines.sources.text import mixture, parallel_text

if TYPE_CHECKING:
    from pipelines.runs import Run
    from pipelines.sources.text.pair import Pair
    from pipelines.sources.text.pair_form import PairForm


def pairs(data: str, run: "Run", split: str, form: "PairForm") -> "list[Pair]":
    """Reads the pairs to score: of other data, or of the source that is validated and tested on.

    Args:
        data: The option of that name.
        run: Prepared.
        split: The split.
        form: Languages and columns of the data.

    Returns:
        The pairs.

    Raises:
        ValueError: The data has changed since the run was prepared.

    Example:
        `pairs("multi30k/raw", run, "validation", PairForm("en", "de"))`
    """
    if run.other:
        return parallel_text.other_pairs(run.other, split, form)
    data_fingerprints.require(run)
    return list(parallel_text.reader(mixture.parse(data)[0].name, form, run.index)(split))
