"""The size of an LSTM layer and of its inputs."""

from typing import NamedTuple, Self


class Size(NamedTuple):
    """Of the inputs and the layer.

    Attributes:
        batch: Rows.
        steps: Length of a row.
        inputs: Width of a step.
        units: Width of the state.
    """

    batch: int
    steps: int
    inputs: int
    units: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads such a text as `64x96x32x128`.

        Args:
            text: What was typed.

        Raises:
            ValueError: If these are not four numbers above 0.
        """
        parts = text.split("x")
        numbers = [int(part) for part in parts if part.isdecimal()]
        if len(numbers) != len(cls._fields) or len(parts) != len(numbers) or min(numbers) < 1:
            raise ValueError(f"Expected {'x'.join(cls._fields)}. Received: {text}")
        return cls(*numbers)

    def __str__(self) -> str:
        return "x".join(map(str, self))

    @property
    def forward_flops(self) -> int:
        """Operations of the matrix products forwards; backwards there are twice as many."""
        return 2 * self.batch * self.steps * (self.inputs + self.units) * 4 * self.units
