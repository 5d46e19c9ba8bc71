"""What an ensemble costs beside one of its members."""

import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipelines.runs import predictor

if TYPE_CHECKING:
    from pipelines.runs.servable import Servable

_DEFAULT = "serving_default"
_ANSWERS = 7  # timed, after one that traces


class Cost(NamedTuple):
    """What a model costs.

    Attributes:
        parameters: Number of its weights.
        seconds: Median time of an answer to one row.
    """

    parameters: int
    seconds: float


def cost(servable: "Servable") -> Cost:
    """Measures a model in memory, at its endpoint `serving_default`.

    Args:
        servable: The model; the first row of its samples is asked.

    Returns:
        Its cost.

    Example:
        `cost(registry.find(run.task).endpoints(run.config, run)).seconds`
    """
    model = predictor.in_memory(servable.endpoints, servable.card)
    row = {name: values[:1] for name, values in servable.samples[_DEFAULT].items()}
    model.call(_DEFAULT, **row)
    seconds = []
    for _ in range(_ANSWERS):
        start = time.perf_counter()
        model.call(_DEFAULT, **row)
        seconds.append(time.perf_counter() - start)
    variables = next(one for one in servable.endpoints if one.name == _DEFAULT).traced.variables
    return Cost(sum(variable.shape.num_elements() for variable in variables), statistics.median(seconds))


def line(ensemble: Cost, member: Cost, version: Path) -> str:
    """Says the size of an export and the time of its answers, beside one member.

    Args:
        ensemble: Of the ensemble.
        member: Of one member.
        version: The export of the ensemble.

    Returns:
        A sentence.

    Example:
        `line(cost(ensemble), cost(member), Path("saved_models/trec/1"))`
    """
    size = sum(file.stat().st_size for file in version.rglob("*") if file.is_file()) / 1e6
    return (
        f"{size:.1f} MB, {ensemble.parameters:,} weights, {1000 * ensemble.seconds:.1f} ms an answer; one member: "
        f"{member.parameters:,} weights, {1000 * member.seconds:.1f} ms"
    )
