"""The explanation of a prediction."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tfmodels import whole_files


class Explanation(NamedTuple):
    """Numbers and figures for one input, as a task's `explain(config, run, row)` returns them.

    Attributes:
        numbers: JSON values: the output, its score, attention weights as lists.
        figures: Name -> a function that draws the figure into a file. The suffix of the name sets the format; `.png` if
            it has none.
        notes: What the reader must know, in sentences.

    Example:
        ```python
        draw = functools.partial(draw_attention, maps, queries, keys, title="Hello")
        Explanation({"text": "Hallo", "score": -0.1}, {"attention": draw}).write(Path("figures"))
        ```
    """

    numbers: dict[str, Any]
    figures: dict[str, Callable[[Path], None]]
    notes: Sequence[str] = ()

    def write(self, output: Path) -> list[Path]:
        """Writes the figures, and the numbers as JSON.

        Args:
            output: A folder, or a file if there is only one figure; the numbers are written next to it.

        Returns:
            The files, the numbers last.

        Raises:
            ValueError: If a file is given but there is not exactly one figure.
        """
        if output.suffix and len(self.figures) != 1:
            raise ValueError(f"Expected a folder for figures {list(self.figures)}. Received: output={str(output)!r}")
        folder = output.parent if output.suffix else output
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for name, draw in self.figures.items():
            written.append(output if output.suffix else folder / (name if Path(name).suffix else f"{name}.png"))
            draw(written[-1])
        written.append(output.with_suffix(".json") if output.suffix else folder / "numbers.json")
        whole_files.write(written[-1], json.dumps(self.numbers, indent=2, ensure_ascii=False) + "\n")
        return written

    def __repr__(self) -> str:
        names = ", ".join(self.numbers)
        return f"Explanation(figures: {', '.join(self.figures)}; numbers: {names}; write(folder) writes them)"

    def _repr_html_(self) -> str:
        from pipelines.runs.reports import report_html

        return report_html.of_explanation(self)
