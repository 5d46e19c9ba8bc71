from pathlib import Path
from types import SimpleNamespace

import pytest

from pipelines.runs.frames import stored_frames
from pipelines.runs.reports import captions
from pipelines.runs.run_folders import Run


@pytest.mark.parametrize(
    ("data", "named"),
    [("synthetic", "synthetic"), ("texts/reviews.csv", "reviews.csv"), ("gone/reviews.csv", "gone/reviews.csv")],
)
def test_data_is_called_by_its_name_or_the_end_of_its_path(tmp_path, monkeypatch, data, named):
    monkeypatch.chdir(tmp_path)
    Path("texts").mkdir()
    Path("texts/reviews.csv").touch()
    run = Run(Path("runs/mine"), "classification", SimpleNamespace(data=data, model="lstm"))
    assert captions.data(run) == named
    assert captions.of_run(run, "test").startswith(f"lstm; {named}; test split; run mine; 2")


def test_a_data_frame_has_no_name(tmp_path, monkeypatch):
    import pandas as pd
    import pyarrow as pa

    monkeypatch.chdir(tmp_path)
    file = stored_frames.store(pa.Table.from_pandas(pd.DataFrame({"text": ["Fine."]})))
    assert captions.data(Run(Path("runs/mine"), "classification", SimpleNamespace(data=str(file)))) == "a data frame"
