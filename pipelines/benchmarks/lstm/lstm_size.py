"""The sizes of an LSTM layer and its inputs."""

from typing import NamedTuple, Self


class Size(NamedTuple):
    """Sizes of an LSTM layer and its inputs.

    Attributes:
        batch: Batch size.
        steps: Sequence length.
        inputs: Width of the inputs.
        units: Width of the state.
    """

    batch: int
    steps: int
    inputs: int
    units: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parses a size such as `64x96x32x128`.

        Args:
            text: The four sizes in the order of the attributes.

        Raises:
            ValueError: If the text is not four numbers above 0.
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
        """FLOP of the matrix products in the forward pass; the backward pass has twice as many."""
        return 2 * self.batch * self.steps * (self.inputs + self.units) * 4 * self.units
