"""The runs of this folder side by side on a page, and which of them is better."""

from typing import TYPE_CHECKING, Any

import gradio as gr

from pipelines.app import tables
from pipelines.app.refusals import refusal
from pipelines.runs.overview import in_frames

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ("task", "model", "state", "metric", "score", "baseline", "baseline_score", "parameters", "date", "exports")


def place() -> None:
    """Places the table of `tfmodels runs`, and what `tfmodels compare` says of those that are chosen."""
    with gr.Row():
        listing = gr.Button("List the runs")
        comparing = gr.Button("Compare those chosen")
    error = gr.Textbox(label="Not compared", visible=False)
    chosen = gr.Dropdown([], label="Runs to compare, on their validation split", multiselect=True)
    listed = gr.Dataframe(label="Runs", datatype="str", interactive=False, max_height=420)
    compared = gr.Dataframe(label="Differences, with 95 % intervals", datatype="str",
                            interactive=False, wrap=True)  # fmt: skip

    def show() -> list[Any]:
        found = in_frames.runs()
        if found.empty:
            return [gr.update(value="There are no runs in runs/.", visible=True), gr.update(), None]
        rows = _cells(found[[name for name in _COLUMNS if name in found]].reset_index())
        return [gr.update(visible=False), gr.update(choices=list(found.index)), rows]

    def compare(names: list[str]) -> list[Any]:
        try:
            return [gr.update(visible=False), _cells(in_frames.compare(*names))]
        except Exception as refused:
            return [gr.update(value=refusal(refused), visible=True), None]

    listing.click(show, None, [error, chosen, listed], api_visibility="private")
    comparing.click(compare, [chosen], [error, compared], api_visibility="private")


def _cells(frame: "pd.DataFrame") -> dict[str, Any]:
    cells = frame.to_numpy(object).tolist()
    rows = [[None if one != one else one for one in row] for row in cells]  # NaN is not itself
    return tables.cells([str(name) for name in frame], rows)
