import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.text import pair_files
from pipelines.sources.text.pair import Pair

NAMES = ("train.en", "train.de", "val.en", "val.de", "test.en", "test.de")
# Everything but line ends, what is blank, a byte order mark at the start, and zeros, which look like UTF-16.
TEXT = st.text(st.characters(exclude_characters="\n\r\0", exclude_categories=["Cs"]), min_size=1).filter(
    lambda text: text.strip() and not text.startswith("\ufeff")
)


def touch(folder, names=NAMES):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()


def pair_of(folder, source, target):
    paths = folder / "a.en", folder / "a.de"
    for path, content in zip(paths, (source, target), strict=True):
        path.write_bytes(content)
    return paths


@given(rows=st.lists(st.tuples(TEXT, TEXT), min_size=1), end=st.sampled_from(["\n", "\r\n"]), last=st.booleans())
def test_reads_what_was_written(tmp_path_factory, rows, end, last):
    folder = tmp_path_factory.mktemp("text")
    contents = [(end.join(texts) + end * last).encode() for texts in zip(*rows, strict=True)]
    (folder / "train.en").write_bytes(contents[0])
    (folder / "train.de.gz").write_bytes(gzip.compress(contents[1]))
    paths = folder / "train.en", folder / "train.de.gz"
    assert list(pair_files.read(*paths)) == [Pair(*row) for row in rows]
    assert len(list(pair_files.read(*paths))) == len(rows)


def test_drops_a_byte_order_mark(tmp_path):
    paths = pair_of(tmp_path, b"\xef\xbb\xbfone\ntwo\n", b"eins\nzwei\n")
    assert next(pair_files.read(*paths)) == Pair("one", "eins")


def test_reads_no_further_than_asked(tmp_path):
    paths = pair_of(tmp_path, b"one\n\n", b"eins\nzwei\n")
    assert next(pair_files.read(*paths)) == Pair("one", "eins")
    with pytest.raises(ValueError, match="empty line"):
        list(pair_files.read(*paths))


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        (b"one\n", b"eins\nzwei\ndrei\n", "1 lines in .*a.en, 3 lines in .*a.de"),
        (b"one\ntwo\nthree", b"eins\n", "3 lines in .*a.en, 1 lines in .*a.de"),
        (b"", b"eins", "0 lines in .*a.en, 1 lines in .*a.de"),
        (b"one\n \t\xc2\xa0\nthree\n", b"eins\nzwei\ndrei\n", "empty line, .*a.en, line 2"),
        (b"one\ntwo\n", b"eins\n\r\n", "leave such pairs out.* empty line, .*a.de, line 2$"),
        (b"one\ntwo\n\n\n", b"eins\n\nvier\n \n", "empty line, .*a.de, line 2, and 1 more$"),
        (b"one\ntwo\n", b"eins\nzw\xffei\n", "byte 0xff at position 2 .*a.de, line 2"),
    ],
)
def test_check_names_file_and_line(tmp_path, source, target, message):
    with pytest.raises(ValueError, match=message):
        list(pair_files.read(*pair_of(tmp_path, source, target)))


SIDE = TEXT.filter(lambda text: "\t" not in text)


@given(rows=st.lists(st.tuples(SIDE, SIDE | st.just("")), min_size=1), packed=st.booleans())
def test_reads_both_sides_of_a_line(tmp_path_factory, rows, packed):
    path = tmp_path_factory.mktemp("text") / ("pairs.tsv.gz" if packed else "pairs.tsv")
    content = "".join(f"{source}\t{target}\n" for source, target in rows).encode()
    path.write_bytes(gzip.compress(content) if packed else content)
    assert list(pair_files.read_tabbed(path)) == [Pair(*row) for row in rows]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a\tb\nc d\n", "one tab .*0 tabs, .*pairs.tsv, line 2"),
        (b"a\tb\tc\n", "one tab .*2 tabs, .*pairs.tsv, line 1"),
        (b"a\tb\n\t\n", "empty line, .*pairs.tsv, line 2"),
        (b"a\t\xff\n", "byte 0xff at position 2 .*pairs.tsv, line 1"),
    ],
)
def test_a_line_that_is_no_pair_is_named(tmp_path, content, message):
    (tmp_path / "pairs.tsv").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        list(pair_files.read_tabbed(tmp_path / "pairs.tsv"))


@pytest.mark.parametrize("content", [b"no gzip at all", gzip.compress(os.urandom(4000) + b"\n")[:-100]])
def test_check_names_a_damaged_gzip(tmp_path, content):
    path = tmp_path / "train.en.gz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"(gzip|UTF-8).*train\.en\.gz"):
        list(pair_files.read(path, path))


def test_check_names_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.en"):
        list(pair_files.read(tmp_path / "nowhere.en", tmp_path / "nowhere.de"))


@pytest.mark.parametrize(
    "names",
    [
        NAMES,
        [f"{name}.gz" for name in NAMES],
        [name.replace("val", "valid") for name in NAMES],
        [name.replace("val", "validation") for name in NAMES],
        [name.replace("val", "dev_2013") for name in NAMES],
        [name.replace("test", "test2016").replace(".", ".lc.norm.tok.") for name in NAMES],
    ],
)
def test_finds_the_splits_by_name(tmp_path, names):
    touch(tmp_path, [*names, "train.fr", "training.en", "README", "LICENSE.en"])
    expected = {
        split: (tmp_path / names[2 * i], tmp_path / names[2 * i + 1])
        for i, split in enumerate(("train", "validation", "test"))
    }
    assert pair_files.find_splits(tmp_path, "en", "de") == expected
    backwards = {split: (target, source) for split, (source, target) in expected.items()}
    assert pair_files.find_splits(str(tmp_path), "de", "en") == backwards


@pytest.mark.parametrize(
    ("complete", "partial", "chosen"),
    [
        (["tok"], [], "tok"),
        (["raw", "tok"], [], "raw"),
        (["tok"], ["raw", "old"], "tok"),
        ([".", "raw"], [], "."),
    ],
)
def test_finds_the_folder(tmp_path, complete, partial, chosen):
    for name in complete:
        touch(tmp_path / name)
    for name in partial:
        touch(tmp_path / name, NAMES[:4])
    assert pair_files.find_splits(tmp_path, "en", "de")["train"][0] == tmp_path / chosen / "train.en"


def test_asks_which_folder_is_meant(tmp_path):
    touch(tmp_path / "lower")
    touch(tmp_path / "upper")
    with pytest.raises(ValueError, match=r"choose one of .*lower, .*upper"):
        pair_files.find_splits(tmp_path, "en", "de")


def test_splits_without_files_are_left_out(tmp_path):
    touch(tmp_path, NAMES[:4])
    assert list(pair_files.find_splits(tmp_path, "en", "de")) == ["train", "validation"]
    with pytest.raises(FileNotFoundError, match="train split in language 'fr'"):
        pair_files.find_splits(tmp_path, "en", "fr")


def test_a_file_is_all_training_data(tmp_path):
    touch(tmp_path, ["deu.txt"])
    assert pair_files.find_splits(tmp_path / "deu.txt", "en", "de") == {"train": (tmp_path / "deu.txt",)}


def test_finds_the_tables_of_the_splits(tmp_path):
    touch(tmp_path, ["train.en-de.tsv", "dev.jsonl", "test.csv.gz", "train.txt", "notes.csv"])
    expected = {"train": "train.en-de.tsv", "validation": "dev.jsonl", "test": "test.csv.gz"}
    assert pair_files.find_splits(tmp_path, "en", "de") == {
        split: (tmp_path / name,) for split, name in expected.items()
    }
    touch(tmp_path, ["train.parquet"])
    with pytest.raises(ValueError, match=r"one file of the train split.*train\.en-de\.tsv, .*train\.parquet"):
        pair_files.find_splits(tmp_path, "en", "de")


@pytest.mark.parametrize("place", [".", "raw"])
def test_says_which_split_is_missing_and_what_is_there(tmp_path, place):
    touch(tmp_path / place, [*NAMES[:5], "eval.en"])
    with pytest.raises(FileNotFoundError, match=r"test split in language 'de'.*test\.en\.gz.*eval\.en.*val\.de"):
        pair_files.find_splits(tmp_path, "en", "de")


def test_says_that_an_empty_folder_has_nothing(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"train split .* has nothing"):
        pair_files.find_splits(tmp_path, "en", "de")


def test_lists_the_files_that_claim_one_split(tmp_path):
    touch(tmp_path, [*NAMES[:4], "test_2016.en", "test_2016.de", "test_2017.en"])
    with pytest.raises(ValueError, match=r"test_2016\.en, .*test_2017\.en"):
        pair_files.find_splits(tmp_path, "en", "de")


def test_refuses_one_language_twice(tmp_path):
    with pytest.raises(ValueError, match="two different languages"):
        pair_files.find_splits(tmp_path, "en", "en")


def test_refuses_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        pair_files.find_splits(tmp_path / "nowhere", "en", "de")


def test_loads_no_tensorflow():
    code = "import sys; from pipelines.sources.text import pair_files; assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
@pytest.mark.skipif("TFMODELS_DATA" not in os.environ, reason="needs the public data")
def test_reads_multi30k():
    splits = pair_files.find_splits(Path(os.environ["TFMODELS_DATA"]) / "multi30k", "en", "de")
    rows = {split: sum(1 for _ in pair_files.read(*paths)) for split, paths in splits.items()}
    assert rows == {"train": 29_000, "validation": 1_014, "test": 1_000}


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        (["train.en", "train.de", "test.en", "test.de", "test.de.1", "test.de.2"], {"train": 2, "test": 4}),
        (["train.en", "train.de0", "train.de1", "test.en", "test.de0", "test.de1"], {"train": 2, "test": 3}),
        (["train.en.gz", "train.de.gz", "val.en", "val.de10", "val.de9"], {"train": 2, "validation": 3}),
        (["train.src", "train.tgt", "valid.src", "valid.tgt"], {"train": 2, "validation": 2}),
        (["src-train.txt", "tgt-train.txt", "src-val.txt", "tgt-val.txt", "src-test.txt", "tgt-test.txt"],
         {"train": 2, "validation": 2, "test": 2}),
        (["src-train.txt", "tgt-train.txt", "src-test.txt", "tgt-test.txt", "tgt-test.txt.1"], {"train": 2, "test": 3}),
        (["train.en", "train.de", "train.src", "train.tgt"], {"train": 2}),
    ],
    ids=str,
)  # fmt: skip
def test_references_and_names_of_opennmt(tmp_path, names, splits):
    for name in names:
        (tmp_path / name).touch()
    found = pair_files.find_splits(tmp_path, "en", "de")
    assert {split: len(paths) for split, paths in found.items()} == splits
    for paths in found.values():
        assert paths[0].name.removesuffix(".gz").endswith((".en", ".src")) or paths[0].name.startswith("src-")
        order = [int("".join(filter(str.isdigit, path.name)) or -1) for path in paths[1:]]
        assert order == sorted(order)


def test_references_have_as_many_lines_as_the_source(tmp_path):
    for name, text in {"a": "one\ntwo\n", "b": "eins\nzwei\n", "c": "ein\nzwo\n", "d": "ein\n"}.items():
        (tmp_path / name).write_text(text)
    a, b, c, d = (tmp_path / name for name in "abcd")
    assert list(pair_files.read(a, b, c)) == [
        Pair("one", "eins", others=("ein",)),
        Pair("two", "zwei", others=("zwo",)),
    ]
    with pytest.raises(ValueError, match=r"in all files. Received: 2 lines in .*a, 2 lines in .*b, 1 lines in .*d"):
        list(pair_files.read(a, b, d))
