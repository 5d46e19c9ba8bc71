import csv
import json

import pandas as pd
import pytest

from pipelines.classification.prediction_files import read_requests, write_answers
from pipelines.sources.files import dialect
from pipelines.sources.files.dialect import Dialect

TEXTS = ['He said "no" twice', '"Great!"', "fine; indeed", "a\nb\tc"]
FOUND = {"delimiter": "", "quotes": "", "encoding": ""}
TABLE = {"text": "text", "files": FOUND, "dialect": None}


def outputs(texts):
    return [
        {"label": "neg", "probability": 0.75, "labels": ["neg", "pos"], "probabilities": [0.75, 0.25]} for _ in texts
    ]


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet", "tsv.gz"])
def test_outputs_are_inputs_whose_texts_stay_the_same_at_each_pass(tmp_path, ending):
    pd.DataFrame({"text": TEXTS, "label": "pos"}).to_csv(tmp_path / "train.tsv", sep="\t", index=False)
    texts = read_requests(tmp_path / "train.tsv", TABLE)
    for _ in range(3):
        assert texts == TEXTS
        write_answers(tmp_path / f"out.{ending}", texts, outputs(texts), TABLE)
        texts = read_requests(tmp_path / f"out.{ending}", TABLE)
    assert texts.names == ["text", "label", "probability", "p(neg)", "p(pos)"]
    assert texts.cells[0][1] == "neg"


def test_the_column_has_the_name_that_it_had_in_training(tmp_path):
    (tmp_path / "new.csv").write_text("id,sentence\n1,fine\n")
    table = {**TABLE, "text": "sentence"}
    write_answers(tmp_path / "out.csv", read_requests(tmp_path / "new.csv", table), outputs(["fine"]), table)
    assert next(csv.reader((tmp_path / "out.csv").open())) == [
        *("id", "sentence", "label", "probability", "p(neg)", "p(pos)")
    ]
    write_answers(tmp_path / "out.jsonl", ["fine"], outputs(["fine"]), table)
    assert json.loads((tmp_path / "out.jsonl").read_text())["sentence"] == "fine"


def test_the_dialect_of_training_decides_where_two_readings_fit(tmp_path):
    (tmp_path / "new.tsv").write_text('text\tid\n"Great!"\t1\n')
    for quotes, text in (("text", '"Great!"'), ("enclose", "Great!")):
        known = dialect.to_dict(Dialect("tsv", "utf-8", "\t", quotes))
        assert read_requests(tmp_path / "new.tsv", {**TABLE, "dialect": known}) == [text]
    with pytest.raises(ValueError, match="--quotes enclose"):
        read_requests(tmp_path / "new.tsv", TABLE)


def test_an_export_made_before_reads_tabs_as_text(tmp_path):
    (tmp_path / "new.tsv").write_bytes('text\tid\n"Gr\xfc\xdfe!"\t1\n'.encode("latin-1"))
    assert read_requests(tmp_path / "new.tsv", {"text": "text", "encoding": "latin-1"}) == ['"Grüße!"']


def test_rows_without_a_text_are_left_out_where_that_is_chosen(tmp_path, capsys):
    (tmp_path / "new.jsonl").write_text('{"text": "a"}\n{"text": null}\n{\n')
    with pytest.raises(ValueError, match=r"a text in each row. Received: None, .*line 2$"):
        read_requests(tmp_path / "new.jsonl", TABLE)
    assert read_requests(tmp_path / "new.jsonl", TABLE, "warn") == ["a"]
    assert capsys.readouterr().err.count("it is left out") == 2
