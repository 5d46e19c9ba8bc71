"""A frame is written once, under a digest of what it holds."""

import os
import time

import pandas as pd
import pyarrow as pa
import pytest

from pipelines.runs.frames import arrow_tables, python_runs, stored_frames

FRAME = pd.DataFrame({"text": ["a", None, "c"], "label": [1, 2, 3]})


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def stored(frame):
    return stored_frames.store(arrow_tables.of(frame))


@pytest.mark.parametrize(
    "same",
    [
        FRAME.copy(),
        FRAME.set_index(pd.Index([7, 7, 8])),
        FRAME.assign(text=FRAME["text"].astype("category")),
        FRAME.assign(text=FRAME["text"].astype(object)),
        FRAME.assign(text=FRAME["text"].astype("string[pyarrow]")),
        pa.Table.from_pandas(FRAME),
        pa.concat_tables([pa.Table.from_pandas(FRAME[:1]), pa.Table.from_pandas(FRAME[1:])], promote_options="default"),
    ],
    ids=range(7),
)
def test_one_content_is_one_file(same):
    first = stored(FRAME)
    written = first.stat().st_mtime_ns
    os.utime(first, ns=(0, written - 10**9))
    assert stored(same) == first and list(first.parent.iterdir()) == [first]
    assert first.stat().st_mtime_ns > written - 10**9, "it counts as used"
    pd.testing.assert_frame_equal(pd.read_parquet(first), FRAME, check_dtype=False)


@pytest.mark.parametrize(
    "other",
    [
        FRAME[:2],
        FRAME[::-1],
        FRAME.rename(columns={"text": "words"}),
        FRAME.assign(label=[1, 2, 4]),
        FRAME.assign(text=["a", "", "c"]),
    ],
)
def test_another_content_is_another_file(other):
    assert stored(FRAME) != stored(other)


def test_frames_that_nobody_uses_are_deleted_which_is_said(capsys, monkeypatch):
    first = stored(FRAME)
    os.utime(first, (0, time.time() - 91 * 86_400))
    second = stored(FRAME[:2])
    assert not first.exists() and second.exists()
    assert "deleted 1 frames in runs/.frames that were not used for 90 days" in capsys.readouterr().out
    monkeypatch.setattr(stored_frames, "_MOST_BYTES", 1)
    assert stored(FRAME).exists() and not second.exists()


def test_a_path_stays_a_path_and_nothing_else_is_data():
    assert python_runs.data_of("load.csv") == "load.csv"
    with pytest.raises(ValueError, match=r"rows and columns\. Received: 0 rows"):
        python_runs.data_of(FRAME[:0])
    for wrong in (3, None, [1], {"a": 1}):
        with pytest.raises(ValueError, match="a data frame, or the path"):
            python_runs.data_of(wrong)


def test_what_lies_behind_a_missing_cell_is_no_content():
    number, taken = (
        pd.DataFrame({"n": pd.array([1, None, 3], "Int64")}),
        pd.DataFrame({"n": pd.array([1, 7, 3], "Int64")}),
    )
    taken.loc[1, "n"] = pd.NA
    assert stored(number) == stored(taken)


@pytest.mark.parametrize("wrong", ["rows", "columns", "cells", "damaged", "link"])
def test_another_table_under_the_name_of_a_frame_is_not_trained_on(wrong, tmp_path):
    path = stored(FRAME)
    content = path.read_bytes()
    forged = {"rows": FRAME[:2], "columns": FRAME.rename(columns={"label": "stars"}), "cells": FRAME.assign(label=0)}
    if wrong in forged:
        forged[wrong].to_parquet(path)
    elif wrong == "damaged":
        path.write_bytes(content[:-20])
    else:
        FRAME.assign(label=0).to_parquet(tmp_path / "other")
        path.unlink()
        path.symlink_to(tmp_path / "other")
    assert stored(FRAME) == path and not path.is_symlink() and path.read_bytes() == content


def test_only_frames_are_deleted(tmp_path):
    kept = stored(FRAME).parent
    for mine in ("mine.parquet", "0123456789abcdef.csv"):
        (kept / mine).touch()
        os.utime(kept / mine, (0, 0))
    (kept / "0123456789abcdef.parquet").symlink_to(tmp_path / "nowhere")
    assert stored(FRAME[:2]).exists() and len(list(kept.iterdir())) == 5
