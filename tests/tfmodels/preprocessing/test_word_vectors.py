import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfmodels.preprocessing import WordVectors

WORD = st.text(st.characters(exclude_characters=" \t\r\n\x0b\x0c", exclude_categories=["Cs"]), min_size=1)
NUMBER = st.floats(-1e6, 1e6, width=32)


def write(path, *lines, end="\n"):
    content = "".join(f"{line}{end}" for line in lines).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@given(
    vectors=st.dictionaries(WORD, st.lists(NUMBER, min_size=3, max_size=3), min_size=1, max_size=6),
    header=st.booleans(),
    end=st.sampled_from(["\n", " \n", "\r\n"]),
    name=st.sampled_from(["vectors.vec", "vectors.txt.gz"]),
)
def test_vectors_are_read_correctly(tmp_path_factory, vectors, header, end, name):
    lines = [f"{word} {' '.join(map(repr, vector))}" for word, vector in vectors.items()]
    path = write(tmp_path_factory.mktemp("vectors") / name, *([f"{len(lines)} 3"] * header), *lines, end=end)
    found = WordVectors(path, 3).find(vectors)
    assert found.keys() == vectors.keys()
    for word, vector in vectors.items():
        assert found[word].dtype == np.float32
        np.testing.assert_array_equal(found[word], np.float32(vector))


def test_exact_case_wins_and_then_the_first_line(tmp_path):
    path = write(
        tmp_path / "v", "DOG 1 1", "Dog 2 2", "dog 3 3", "Cat 4 4", "CAT 5 5", "ÉLAN 6 6", "dog 7 7", "mouse 8 8"
    )
    found = WordVectors(path, 2).find({"dog", "cat", "Cat", "élan", "bird"})
    assert {word: vector[0] for word, vector in found.items()} == {"dog": 3, "cat": 4, "Cat": 4, "élan": 6}


def test_words_with_spaces_are_skipped(tmp_path):
    path = write(tmp_path / "v", "one 1 1", ". . 2 2", "at name@domain 3 3", ". 4 4")
    found = WordVectors(path, 2).find({".", "at", "one"})
    assert {word: vector[0] for word, vector in found.items()} == {".": 4, "one": 1}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("two 1", "1 fields after 'two', .*vectors.txt, line 3"),
        ("two 1 2 3", "3 fields after 'two', .*vectors.txt, line 3"),
        ("two 1 x", "2 fields after 'two', .*vectors.txt, line 3"),
        ("two 1 nan", "2 fields after 'two', .*vectors.txt, line 3"),
        ("two\t1\t2", "line 3"),
        ("", "0 fields after '', .*vectors.txt, line 3"),
    ],
)
def test_a_malformed_line_is_named(tmp_path, line, message):
    vectors = WordVectors(write(tmp_path / "vectors.txt", "2 2", "one 1 2", line), 2)
    with pytest.raises(ValueError, match=f"Expected a word and 2 numbers, .*{message}"):
        vectors.find(["one", "two"])


@pytest.mark.parametrize("lines", [["one 1 2 3"], ["1 3", "one 1 2 3"]])
def test_another_width_is_refused_with_both(tmp_path, lines):
    with pytest.raises(ValueError, match=r"Expected word vectors of 4 numbers.*d_model.*Received: 3 in .*vectors"):
        WordVectors(write(tmp_path / "vectors", *lines), 4)


def test_files_that_cannot_be_read_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        WordVectors(tmp_path / "nowhere", 2)
    with pytest.raises(ValueError, match="Received: 0 in"):
        WordVectors(write(tmp_path / "empty"), 2)
    (tmp_path / "cut.gz").write_bytes(b"one 1 2\n")
    with pytest.raises(ValueError, match=r"complete gzip file.*cut\.gz"):
        WordVectors(tmp_path / "cut.gz", 2)
