"""The variables that training knows, and measurements of others."""

from dataclasses import replace

import numpy as np

from pipelines.sources.faults import Faults
from pipelines.sources.measurements.histories import Histories
from tfmodels.suggestions import did_you_mean


def of_training(histories: Histories, entities: np.ndarray, least: int = 1) -> list[str]:
    """The variables that entities of the training part have.

    Args:
        histories: The histories.
        entities: int `[training entities]`.
        least: Number of entities that have the variable, at least.

    Returns:
        Their names, sorted.

    Example:
        `of_training(data.histories, train, least=5)` -> `["Age", "HR", "Rhythm=sinus"]`
    """
    chosen = np.isin(histories.entity, entities)
    pairs = np.unique(histories.entity[chosen] * len(histories.variables) + histories.variable[chosen])
    counts = np.bincount(pairs % max(len(histories.variables), 1), minlength=len(histories.variables))
    return [name for name, count in zip(histories.variables.to_pylist(), counts, strict=True) if count >= least]


def aligned(histories: Histories, names: list[str], faults: Faults) -> Histories:
    """The measurements of known variables, numbered as in training.

    Args:
        histories: The histories.
        names: What `of_training` returned.
        faults: Receives variables that are not among them.

    Returns:
        The histories, whose variables are `names`.

    Raises:
        ValueError: A fault is an error.

    Example:
        `aligned(other.histories, names, Faults("warn")).variables`
    """
    import pyarrow as pa

    place = {name: number for number, name in enumerate(names)}
    own = histories.variables.to_pylist()
    number = np.array([place.get(name, -1) for name in own], np.int32)
    counts = np.bincount(histories.variable, minlength=len(own))
    entities = histories.entities.to_pylist()
    for unseen in np.flatnonzero((number < 0) & (counts > 0)).tolist():
        first = entities[histories.entity[np.argmax(histories.variable == unseen)]]
        near = did_you_mean(own[unseen], names)
        faults.found("variables that training has", f"{own[unseen]!r}{near} of entity {first!r}",
                     "its measurements are left out", int(counts[unseen]))  # fmt: skip
    number = number[histories.variable] if len(histories) else histories.variable
    left = replace(histories, variable=number, variables=pa.array(names, pa.large_string()))
    return left.chosen(number >= 0)
