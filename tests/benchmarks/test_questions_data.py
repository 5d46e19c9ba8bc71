import gzip
import json

import pytest
import questions_data

from pipelines.sources.faults import Faults
from pipelines.sources.questions import question_data, question_json
from pipelines.sources.questions.question import Answer
from pipelines.sources.questions.question_form import Form


def packed(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))


def qamr(folder):
    names = [f"Wiki1k:wikipedia:{article}:{sentence}:0" for article in range(20) for sentence in range(2)]
    sentences = {name: f"Town {number} , on the Elbe , is old ." for number, name in enumerate(names)}
    packed(folder / "sentences_dev.tsv.gz", *(f"{name}\t{text}" for name, text in sentences.items()))
    rows = [f"{name}\t3 4\t76\t0\t3\tWhat is old?\t0 1\t261:1\t60:0 7" for name in names]
    again = rows[0].replace("\t0 1\t", "\t0\t").replace("old?", " old?")
    packed(folder / "filtered_dev.tsv.gz", *rows, again)


def jaquad(folder):
    for split, articles in (("train", range(20)), ("dev", range(20, 22))):
        for number in articles:
            answers = [{"text": f"{number}番", "answer_start": 1, "answer_type": "Object"}]
            asked = {"question": "何番?", "id": f"{split}-{number}", "question_type": "Logic", "answers": answers}
            article = {"title": f"町{number}", "paragraphs": [{"context": f"町{number}番地。", "qas": [asked]}]}
            packed(folder / split / f"jaquad_{split}_{number:04}.json.gz", json.dumps({"data": [article]}))


def read(path, kind=""):
    return [row.question for row in question_json.read(path, Form(kind=kind), Faults("error"))]


def test_qamr_is_split_by_article_and_repeats_are_merged(tmp_path):
    qamr(tmp_path / "qamr")
    said = questions_data.convert(tmp_path / "qamr", tmp_path / "splits")
    assert said["test.json"].startswith("4 questions of 4 contexts of 2 articles, 1")
    splits = {split: read(tmp_path / "splits" / f"{split}.json") for split in ("train", "validation", "test")}
    assert [len(of) for of in splits.values()] == [32, 4, 4]
    parts = [{one.title for one in of} for of in splits.values()]
    assert sum(map(len, parts)) == len(set().union(*parts)) == 20
    every = [one for of in splits.values() for one in of]
    first = next(one for one in every if one.context.startswith("Town 0 "))
    town = (Answer("Town 0", 0), Answer("0", 5), Answer("Town is", -1))
    assert first.answers == (*town, Answer("Town", 0), *town[1:])
    assert (first.id, first.title) == ("Wiki1k:wikipedia:0:0:0/1", "Wiki1k:wikipedia:0")
    found = question_data.read(str(tmp_path / "splits"), Form(), Faults("drop"))
    assert all(answer.start >= 0 for one in found.splits["train"] for answer in one.answers)
    assert all(one.answers[2].start == -1 for one in found.splits["test"])


def test_jaquad_keeps_its_articles_whole_and_its_kinds(tmp_path):
    jaquad(tmp_path / "jaquad")
    questions_data.convert(tmp_path / "jaquad", tmp_path / "splits")
    splits = {split: read(tmp_path / "splits" / f"{split}.json") for split in ("train", "validation", "test")}
    assert [len(of) for of in splits.values()] == [18, 2, 2]
    assert {one.id for one in splits["test"]} == {"dev-20", "dev-21"}
    assert not {one.title for one in splits["train"]} & {one.title for one in splits["validation"]}
    assert splits["train"][0].kind == "Logic"
    assert read(tmp_path / "splits" / "train.json", "answer_type")[0].kind == "Object"
    assert question_data.read(str(tmp_path / "splits"), Form(), Faults("error")).splits == splits


def test_other_folders_are_refused(tmp_path):
    with pytest.raises(ValueError, match="the folder of JaQuAD or of QAMR"):
        questions_data.convert(tmp_path, tmp_path / "splits")
