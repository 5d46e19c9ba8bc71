"""Histories: the measurements of each entity in order, all of them in a few arrays."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Histories:
    """The measurements of each entity, one entity after the other, in the order of time.

    Measurements of one time are in the order of their variable and value, whatever order the file has.

    Attributes:
        starts: int64 `[entities + 1]`, where the measurements of each entity start; the last is their number.
        hours: float64 `[measurements]`, since the entity's first row that has a time.
        variable: int32 `[measurements]`, place among `variables`.
        value: float64 `[measurements]`, NaN of a word and of what only occurs.
        entities: Ids of the entities, texts; some may have no measurement.
        variables: Names of the variables, texts.
    """

    starts: np.ndarray
    hours: np.ndarray
    variable: np.ndarray
    value: np.ndarray
    entities: "pa.Array"
    variables: "pa.Array"

    def __len__(self) -> int:
        return len(self.hours)

    @property
    def lengths(self) -> np.ndarray:
        """Measurements of each entity, int64 `[entities]`."""
        return np.diff(self.starts)

    @property
    def entity(self) -> np.ndarray:
        """The entity of each measurement, int64 `[measurements]`."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    def end(self, entity: np.ndarray, hour: np.ndarray) -> np.ndarray:
        """Where the measurements of entities up to an hour, that hour included, end.

        Args:
            entity: int `[cases]`.
            hour: float64 `[cases]`; infinity for all of them.

        Returns:
            int64 `[cases]`; those of a case are from `starts[entity]` to it.

        Example:
            `histories.end(np.array([0]), np.array([24.0]))`
        """
        low, high = self.starts[entity].copy(), self.starts[entity + 1].copy()
        while (open_ := low < high).any():  # all at once, by halving
            middle = (low + high) // 2
            seen = open_ & (self.hours[np.minimum(middle, len(self) - 1)] <= hour)
            low, high = np.where(seen, middle + 1, low), np.where(open_ & ~seen, middle, high)
        return low

    def chosen(self, kept: np.ndarray) -> "Histories":
        """Some of the measurements, bool `[measurements]`; all entities stay."""
        counts = np.bincount(self.entity[kept], minlength=len(self.lengths))
        starts = np.concatenate([[0], np.cumsum(counts)])
        return replace(
            self, starts=starts, hours=self.hours[kept], variable=self.variable[kept], value=self.value[kept]
        )

    def of_variables(self, known: np.ndarray) -> "Histories":
        """The measurements of some variables, bool `[variables]`, which alone have names then."""
        import pyarrow as pa

        left = self.chosen(known[self.variable])
        number = np.cumsum(known, dtype=np.int32) - 1
        return replace(left, variable=number[left.variable], variables=self.variables.filter(pa.array(known)))


class Ordered(NamedTuple):
    """What `in_order` returns.

    Attributes:
        histories: The histories.
        repeated: Number of equal rows that were left out.
        at_once: Number of measurements that have another value at the time of the one before them.
    """

    histories: Histories
    repeated: int
    at_once: int


def in_order(
    entity: np.ndarray, hours: np.ndarray, variable: np.ndarray, value: np.ndarray,
    entities: list[str], variables: list[str],
) -> Ordered:  # fmt: skip
    """Puts measurements in order, and leaves out those that are equal in all.

    Args:
        entity: int `[rows]`.
        hours: float64 `[rows]`.
        variable: int32 `[rows]`.
        value: float64 `[rows]`.
        entities: Ids of the entities.
        variables: Names of the variables. Those without a measurement are left out, the others sorted.

    Returns:
        The histories, and what was found.

    Example:
        `in_order(entity, hours, variable, value, ["a", "b"], ["HR"]).at_once`
    """
    import pyarrow as pa

    present = np.unique(variable).tolist()
    kept_names = sorted(variables[number] for number in present)
    place = {name: number for number, name in enumerate(kept_names)}
    number = np.full(len(variables), -1, np.int32)
    number[present] = [place[variables[one]] for one in present]
    variable = number[variable]
    order = np.lexsort((value, variable, hours, entity))
    entity, hours, variable, value = (column[order] for column in (entity, hours, variable, value))
    together = np.zeros(len(entity), bool)
    together[1:] = (np.diff(entity) == 0) & (np.diff(hours) == 0) & (np.diff(variable) == 0)
    equal = together.copy()
    equal[1:] &= (value[1:] == value[:-1]) | (np.isnan(value[1:]) & np.isnan(value[:-1]))
    kept = ~equal
    starts = np.concatenate([[0], np.cumsum(np.bincount(entity[kept], minlength=len(entities)))])
    ids, names = pa.array(entities, pa.large_string()), pa.array(kept_names, pa.large_string())
    found = Histories(starts, hours[kept], variable[kept], value[kept], ids, names)
    return Ordered(found, int(equal.sum()), int((together & kept).sum()))
