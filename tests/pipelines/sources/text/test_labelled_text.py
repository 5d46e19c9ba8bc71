import gzip
import json
import re
from collections import Counter

import pytest

from pipelines.sources.faults import Faults, collect_faults
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.text import labelled_splits, labelled_text
from pipelines.sources.text.labelled import Labelled
from pipelines.sources.text.labelled_files import Form
from pipelines.sources.text.labelled_text import read

ROWS = [("a fine film", "good"), ("a dull film", "bad"), ('she said "no", twice', "bad"), ("so, so", "good")]
FORMS = {
    "csv": (
        Form(),
        "text,label\n" + "".join('"{}",{}\n'.format(text.replace('"', '""'), label) for text, label in ROWS),
    ),
    "tsv": (Form(), "label\tid\ttext\n" + "".join(f"{label}\t7\t{text}\n" for text, label in ROWS)),
    "jsonl": (Form(), "".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in ROWS)),
    "tab": (Form("text_tab_label"), "".join(f"{text}\t{label}\r\n" for text, label in ROWS)),
    "all": (Form("label_text"), "".join(f"{label} {text}\n" for text, label in ROWS)),
}


def write(folder, ending, train=None, **others):
    """A data set of one text and its label in each line, apart from the training data."""
    folder.mkdir(exist_ok=True)
    (folder / f"x.train.{ending}").write_text(train or FORMS[ending][1])
    for split, content in others.items():
        (folder / f"{split}.{ending}").write_text(content)
    return str(folder)


def on_bad(choice, folder, form, **options):
    faults = Faults(choice)
    found = read(folder, form, faults, **options)
    faults.report()
    return found


def content(rows):
    return [(row.text, *row.labels) for row in rows]


def test_the_columns_that_are_read_and_those_that_are_not_are_told(tmp_path):
    names = ["id", "label", "text", *(f"c{number}" for number in range(11))]
    rows = [dict.fromkeys(names, "1") | {"label": label, "text": text} for text, label in ROWS]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = read(str(tmp_path / "train.jsonl"), Form(), Faults("error"), validation_share=0.5)
    assert found.notes[0].startswith("columns: text 'text', label 'label'; not used: 'id', 'c0', ")
    assert found.notes[0].endswith("'c8' and 2 more")


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("ending", FORMS)
def test_every_layout_gives_the_same_rows(tmp_path, ending, packed):
    form, written = FORMS[ending]
    path = tmp_path / (f"train.{ending}.gz" if packed else f"train.{ending}")
    path.write_bytes(gzip.compress(written.encode()) if packed else written.encode())
    found = read(str(tmp_path), form, Faults("error"), validation_share=0.5)
    assert sorted(content(found.splits["train"] + found.splits["validation"])) == sorted(ROWS)
    assert found.classes == ["bad", "good"]
    assert set(found.splits) == {"train", "validation"}
    *columns, held_out, no_test = found.notes
    assert (held_out.partition(":")[0], no_test.partition(":")[0]) == ("no validation split", "no test split")
    assert [note.partition(":")[0] for note in columns] == ["columns"] * (form.layout == "columns")
    held_back = len(found.splits["validation"])
    assert held_out.endswith(f"held out: {held_back} of {held_back + len(found.splits['train'])} rows")


def test_a_folder_for_each_class(tmp_path):
    for split in ("train", "test"):
        for label, texts in {"pos": ["fine", "great\nindeed"], "neg": ["dull", "bad"]}.items():
            (tmp_path / split / label).mkdir(parents=True)
            for number, text in enumerate(texts):
                (tmp_path / split / label / f"{number}_7.txt").write_text(f"{text} {split}")
    (tmp_path / "train" / "urls.txt").write_text("not a class")
    found = read(str(tmp_path), Form(), Faults("error"), validation_share=0.5)
    assert found.classes == ["neg", "pos"]
    assert ("great\nindeed test", "pos") in content(found.splits["test"])
    assert len(found.splits["train"]) == len(found.splits["validation"]) == 2


def test_splits_are_known_by_a_word_of_their_name(tmp_path):
    folder = write(tmp_path, "tab", "a\tx\nb\ty\n", dev="c\tx\nd\ty\n", **{"TREC.test.all": "e\tx\nf\ty\n"})
    splits = read(folder, Form("text_tab_label"), Faults("error")).splits
    assert {split: len(rows) for split, rows in splits.items()} == {"train": 2, "validation": 2, "test": 2}
    (tmp_path / "valid.tab").touch()
    with pytest.raises(ValueError, match=r"one file or folder of the validation split.*dev\.tab.*valid\.tab"):
        read(folder, Form("text_tab_label"), Faults("error"))


def test_several_labels_or_none(tmp_path):
    folder = write(tmp_path, "csv", 'text,label\na,x|y\nb,y\nc,\nd,"y | x|y"\n', val="text,label\ne,x\nf,y\n")
    found = read(folder, Form(separator="|"), Faults("error"))
    assert content(found.splits["train"]) == [("a", "x", "y"), ("b", "y"), ("c",), ("d", "y", "x")]
    lines = [{"text": "a", "label": ["x", "y"]}, {"text": "b", "label": []}, {"text": "c", "label": "x"}]
    (tmp_path / "all.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    rows = labelled_text._splits(str(tmp_path / "all.jsonl"), Form(separator="|"), Faults("error"), 1)[0]["train"]
    assert content(rows) == [("a", "x", "y"), ("b",), ("c", "x")]


def test_another_encoding(tmp_path):
    (tmp_path / "train.all").write_bytes("0 brûlée\n1 plain\n0 fade\n1 frisé\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"UTF-8.*byte 0xfb.*train\.all, line 1"):
        read(str(tmp_path), Form("label_text"), Faults("error"))
    splits = read(str(tmp_path), Form("label_text", files=FileOptions(encoding="latin-1")), Faults("error"), 0.5).splits
    assert {row.text for rows in splits.values() for row in rows} == {"brûlée", "plain", "fade", "frisé"}


@pytest.mark.parametrize(
    ("ending", "written", "message"),
    [
        ("csv", "text,label\nfine,good\n,bad\n", r"a text in each row. Received: '', .*x\.train\.csv, line 3"),
        ("csv", 'text,label\n"two\nlines",good\nfine, \n', r"one label in each row.*none, .*csv, line 4"),
        ("csv", "text,label\nfine,good,7\n", r"as many cells.*3 in place of 2, .*csv, line 2"),
        ("csv", 'text,label\n"fine,good\n', r"Expected a table.*csv, line 2"),
        ("csv", "txt,label\nfine,good\n", r"a column for --text COLUMN: txt, label.*did you mean txt.*csv"),
        ("csv", "", r"a column for --text COLUMN: the file has none"),
        ("tab", "fine good\n", r"one tab between them in each line.*0 tabs, .*tab, line 1"),
        ("tab", "fi\tne\tgood\n", r"2 tabs, .*tab, line 1"),
        ("jsonl", '{"text": "fine", "label": "good"}\n{"text": \n', r"a JSON object.*jsonl, line 2"),
        ("jsonl", '{"text": 7, "label": "good"}\n', r"a text in each row. Received: 7, .*jsonl, line 1"),
        ("jsonl", '{"text": "fine", "label": ["a", "b"]}\n', r"or a separator.*\['a', 'b'\], .*jsonl, line 1"),
        ("all", "good\n", r"a text in each row. Received: '', .*all, line 1"),
        ("txt", "good\n", r"the ending \.csv, \.tsv, \.jsonl.*layout='columns', .*x\.train\.txt"),
    ],
)
def test_bad_rows_are_named_by_file_and_line(tmp_path, ending, written, message):
    (tmp_path / f"x.train.{ending}").write_text(written)
    with pytest.raises(ValueError, match=re.compile(message, re.DOTALL)):
        read(str(tmp_path), FORMS.get(ending, (Form(),))[0], Faults("error"))


@pytest.mark.parametrize("choice", ["drop", "warn"])
def test_bad_rows_are_left_out(tmp_path, capsys, choice):
    folder = write(tmp_path, "csv", "text,label\na,x\n,x\nb,y\nc\n", val="text,label\nd,x\ne,z\nf,y\n")
    splits = on_bad(choice, folder, Form()).splits
    assert [content(splits[split]) for split in ("train", "validation")] == [
        [("a", "x"), ("b", "y")],
        [("d", "x"), ("f", "y")],
    ]
    warnings = capsys.readouterr().err.splitlines()
    assert len(warnings) == 3
    where = r"\. 'z', .*val\.csv, line 3" if choice == "warn" else "$"
    assert re.search(rf"labels of the training data.*left out: 1 times{where}", warnings[-1])


def test_a_text_on_two_sides_stays_on_the_later_one(tmp_path, capsys):
    folder = write(tmp_path, "tab", "a\tx\nA  film\ty\nb\ty\n", val="a film\tx\nc\tx\nd\ty\n", test="c\tx\ne\ty\n")
    form = Form("text_tab_label")
    with pytest.raises(
        ValueError, match=r"different texts in different splits.*val\.tab, line 2 and .*test\.tab, line 1"
    ):
        on_bad("error", folder, form)
    splits = on_bad("warn", folder, form).splits
    assert [[row.text for row in rows] for rows in splits.values()] == [["a", "b"], ["a film", "d"], ["c", "e"]]
    assert "left out of the train split: 1 times. 'A  film'" in capsys.readouterr().err


def test_a_class_without_an_example_is_said(tmp_path, capsys):
    folder = write(tmp_path, "tab", "a\tx\nb\ty\nc\tz\n", val="d\tx\ne\ty\n")
    with pytest.raises(ValueError, match=r"each class in each split\. Received: none of 'z' in validation"):
        on_bad("error", folder, Form("text_tab_label"))
    assert on_bad("warn", folder, Form("text_tab_label")).classes == ["x", "y", "z"]
    assert "none of 'z' in validation" in capsys.readouterr().err


def test_classes_may_be_given(tmp_path):
    folder = write(tmp_path, "tab", "a\t10\nb\t9\n", val="c\t10\nd\t9\n")
    form = Form("text_tab_label")
    assert read(folder, form, Faults("error")).classes == ["9", "10"]
    assert read(folder, form, Faults("error"), classes=["10", "9"]).classes == ["10", "9"]
    with pytest.raises(ValueError, match=r"or of the option classes\. Received: '9'"):
        read(folder, form, Faults("error"), classes=["10", "8"])


@pytest.mark.parametrize(
    ("data", "message"), [("nowhere", "file or folder of labelled text"), ("", "with the word `train`.*has notes.md")]
)
def test_what_is_no_data_set(tmp_path, data, message):
    (tmp_path / "notes.md").touch()
    with pytest.raises(FileNotFoundError, match=message):
        read(str(tmp_path / data), Form(), Faults("error"))


def test_one_class_is_no_choice(tmp_path):
    with pytest.raises(ValueError, match="at least two classes"):
        read(write(tmp_path, "tab", "a\tx\nb\tx\n"), Form("text_tab_label"), Faults("error"))


def test_the_share_held_back_is_of_each_class_and_always_the_same():
    rows = [Labelled(f"text {number % 90}", (str(number % 90 % 3),)) for number in range(100)]
    train, held_back = labelled_splits.stratify(rows, 0.2, seed=0)
    assert len({row.text for row in held_back}) == 18
    assert set(Counter(row.labels for row in {row.text: row for row in held_back}.values()).values()) == {6}
    assert not {row.text for row in train} & {row.text for row in held_back}  # of a text that is there twice, too
    assert labelled_splits.stratify(rows, 0.2, seed=0) == (train, held_back)
    assert sorted(train + held_back) == sorted(rows)


def test_the_dialect_of_the_training_data_is_kept_and_decides_for_the_other_splits(tmp_path):
    (tmp_path / "train.tsv").write_text('text\tlabel\nsaid "no"\tx\nfine\ty\nwell\tx\ngood\ty\n')
    (tmp_path / "test.tsv").write_text('text\tlabel\n"Great!"\tx\n"Bad!"\ty\n')  # either, alone
    found = read(str(tmp_path), Form(), Faults("error"), 0.5)
    assert found.dialect is not None and found.dialect.described() == "`tab`, UTF-8, quotes are text"
    assert content(found.splits["test"]) == [('"Great!"', "x"), ('"Bad!"', "y")]
    assert read(write(tmp_path / "lines", "all"), Form("label_text"), Faults("error"), 0.5).dialect is None


def test_other_data_has_the_labels_of_training(tmp_path, capsys):
    (tmp_path / "new.csv").write_text("text,label\nfine,good\nso so,neutral\n")
    with collect_faults("warn") as faults:
        rows = labelled_text.read_other(str(tmp_path / "new.csv"), "other", Form(), ["bad", "good"], faults)
    assert [(row.text, row.labels) for row in rows] == [("fine", ("good",))]
    assert "'neutral'" in capsys.readouterr().err
    with pytest.raises(ValueError, match=r"rows with the labels up\. Received: good, neutral"):
        labelled_text.read_other(str(tmp_path / "new.csv"), "other", Form(), ["up"], Faults("drop"))


def test_a_split_of_other_data_is_chosen(tmp_path):
    for name in ("val", "test"):
        (tmp_path / f"{name}.csv").write_text(f"text,label\n{name},good\n")
    rows = labelled_text.read_other(str(tmp_path), "test", Form(), ["good"], Faults("error"))
    assert [row.text for row in rows] == ["test"]
    with pytest.raises(FileNotFoundError, match=r"choose one of the splits .* test, validation"):
        labelled_text.read_other(str(tmp_path), "other", Form(), ["good"], Faults("error"))


def test_a_test_split_is_held_out_where_it_is_asked_for(tmp_path):
    lines = "".join(f"text {number}\t{'xy'[number % 2]}\n" for number in range(200))
    (tmp_path / "train.txt").write_text(lines)
    form, path = Form("text_tab_label"), str(tmp_path / "train.txt")
    found = read(path, form, Faults("error"), test_share=0.1)
    assert {split: len(rows) for split, rows in found.splits.items()} == {"train": 162, "validation": 18, "test": 20}
    assert len({row.text for rows in found.splits.values() for row in rows}) == 200
    assert found.splits == read(path, form, Faults("error"), test_share=0.1, seed=2).splits
    assert found.notes[-1] == (
        "no test split: 10% of the different texts of each class, chosen at random, are held out: 20 of 200 rows"
    )
    assert "--test_share 0.1" in read(path, form, Faults("error")).notes[-1]
