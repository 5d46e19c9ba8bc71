"""What a task shows about one answer of its model."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple


class Explanation(NamedTuple):
    """Numbers and pictures for one input, as a task's `explain(config, run, row)` returns them.

    Attributes:
        numbers: What JSON can carry: the answer, its score, its attention weights as lists.
        pictures: Name -> a function that draws the picture into a file; the file's ending sets the format, `.png` if
            the name has none.

    Example:
        ```python
        draw = functools.partial(draw_attention, maps, queries, keys, title="Hello")
        Explanation({"text": "Hallo", "score": -0.1}, {"attention": draw}).write(Path("pictures"))
        ```
    """

    numbers: dict[str, Any]
    pictures: dict[str, Callable[[Path], None]]

    def write(self, output: Path) -> list[Path]:
        """Writes the pictures, and the numbers as JSON.

        Args:
            output: A folder; or the file of the one picture, whose numbers then lie beside it.

        Returns:
            The files, the numbers last.

        Raises:
            ValueError: If a file is given for several pictures.
        """
        if output.suffix and len(self.pictures) != 1:
            raise ValueError(f"Expected a folder for pictures {list(self.pictures)}. Received: output={str(output)!r}")
        folder = output.parent if output.suffix else output
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for name, draw in self.pictures.items():
            written.append(output if output.suffix else folder / (name if Path(name).suffix else f"{name}.png"))
            draw(written[-1])
        written.append(output.with_suffix(".json") if output.suffix else folder / "numbers.json")
        written[-1].write_text(json.dumps(self.numbers, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return written
