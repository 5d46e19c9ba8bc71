import numpy as np
import pytest

from tfmodels.export.graph.field import Field
from tfmodels.export.graph.rows import row_count
from tfmodels.export.graph.signature import Signature
from tfmodels.export.warmup_requests import parse_request, read_warmup, warmup_file, warmup_rows, write_warmup

SIGNATURES = {
    "serving_default": Signature({"text": Field("text", "string", (None,))}, {}),
    "series": Signature(
        {
            "values": Field("values", "float32", (None, 2)),
            "steps": Field("steps", "int64", (None,)),
        },
        {},
    ),
}
SAMPLES = {
    "serving_default": {"text": ["", "some words", "é", "a few words more"]},
    "series": {"values": [[0, 0], [1, float("nan")]], "steps": [3, 4]},
}


@pytest.fixture
def requests(tmp_path):
    write_warmup(tmp_path, SIGNATURES, SAMPLES)
    return [parse_request(record, SIGNATURES) for record in read_warmup(tmp_path)]


def test_each_request_is_one_row(requests):
    assert {(endpoint, row_count(rows)) for endpoint, rows in requests} == {(name, 1) for name in SIGNATURES}


def test_requests_are_the_shortest_the_longest_and_others(requests):
    texts = [rows["text"].item().decode() for endpoint, rows in requests if endpoint == "serving_default"]
    assert texts == SAMPLES["serving_default"]["text"]


def test_there_are_few_of_many_rows_the_shortest_and_the_longest_among_them(tmp_path):
    texts = ["", "22", "333", "333", "4444", *("1" * size for size in range(50, 5, -1)), "1"]
    write_warmup(tmp_path, SIGNATURES, SAMPLES | {"serving_default": {"text": texts}})
    rows = warmup_rows(tmp_path, SIGNATURES, "serving_default")
    assert [row["text"].item() for row in rows] == [b"", b"22", b"1" * 50, b"1"]


def test_numbers_are_unchanged(requests):
    rows = [rows for endpoint, rows in requests if endpoint == "series"]
    np.testing.assert_array_equal(
        np.concatenate([row["values"] for row in rows]), np.float32(SAMPLES["series"]["values"])
    )
    assert [row["steps"].item() for row in rows] == [3, 4]
    assert {row["steps"].dtype for row in rows} == {np.dtype(np.int64)}


def test_the_rows_of_an_endpoint_are_distinct(requests, tmp_path):
    rows = warmup_rows(tmp_path, SIGNATURES, "serving_default")
    assert {row["text"].tolist()[0].decode() for row in rows} == set(SAMPLES["serving_default"]["text"])
    assert len(rows) == len(SAMPLES["serving_default"]["text"])
    assert warmup_rows(tmp_path / "without", SIGNATURES, "series") == []


def test_the_file_has_the_name_that_servers_expect(requests, tmp_path):
    assert warmup_file(tmp_path) == tmp_path / "assets.extra" / "tf_serving_warmup_requests"
    assert warmup_file(tmp_path).is_file()


def test_a_truncated_file_is_refused(requests, tmp_path):
    file = warmup_file(tmp_path)
    for size in (9, file.stat().st_size - 1):
        file.write_bytes(file.read_bytes()[:size])
        with pytest.raises(ValueError, match="TFRecord file of PredictionLog"):
            read_warmup(tmp_path)
        write_warmup(tmp_path, SIGNATURES, SAMPLES)
