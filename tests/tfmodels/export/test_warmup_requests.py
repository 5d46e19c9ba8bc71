import numpy as np
import pytest

from tfmodels.export.batch_sizes import ALLOWED_BATCH_SIZES
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


def test_each_endpoint_gets_single_rows_and_a_full_batch(requests):
    sizes = {(endpoint, row_count(rows)) for endpoint, rows in requests}
    assert sizes == {(endpoint, size) for endpoint in SIGNATURES for size in (1, ALLOWED_BATCH_SIZES[-1])}


def test_requests_are_the_shortest_the_longest_and_all_samples(requests):
    full, short, long = [rows["text"].tolist() for endpoint, rows in requests if endpoint == "serving_default"]
    assert short == ["é".encode()]
    assert long == [b"a few words more"]
    assert set(full) == {text.encode() for text in SAMPLES["serving_default"]["text"]}


def test_numbers_are_unchanged(requests):
    full = next(rows for endpoint, rows in requests if endpoint == "series")
    np.testing.assert_array_equal(full["values"][:2], np.float32(SAMPLES["series"]["values"]))
    assert full["steps"][:2].tolist() == [3, 4]
    assert full["steps"].dtype == np.int64


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
