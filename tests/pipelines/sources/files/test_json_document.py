import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.files import json_document, text_lines
from pipelines.sources.files.json_document import elements

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
).filter(lambda value: "\\ud" not in json.dumps(value))


def written(folder, content, name="a.json"):
    path = folder / name
    path.write_bytes(gzip.compress(content.encode()) if name.endswith(".gz") else content.encode())
    return path


@given(
    st.lists(VALUES, max_size=5),
    st.dictionaries(st.text(max_size=3), VALUES, max_size=2),
    st.integers(1, 20),
    st.sampled_from([None, 1]),
)
def test_elements_are_those_of_the_whole_document(tmp_path_factory, listed, others, piece, indent):
    """Whatever pieces it is read in."""
    path = tmp_path_factory.getbasetemp() / "a.json"
    path.write_text(json.dumps({**others, "data": listed}, indent=indent), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(text_lines, "_CHUNK", piece)
        assert list(elements(path, "data")) == listed
    assert json_document.is_one(path, "data")


def test_a_list_and_gzip_are_read(tmp_path):
    assert list(elements(written(tmp_path, "[1, 2.5]"), "data")) == [1, 2.5]
    assert list(elements(written(tmp_path, '{"data": [{}]}\n', "a.json.gz"), "data")) == [{}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "an object with the list 'data'. Received: the end of the file"),
        ('{"version": 1}', "the list 'data'. Received: none"),
        ('{"data": {}}', "a list. Received: '{'"),
        ('{"data": [1, 2', "a comma or the end of the list. Received: the end of the file, .*character 15"),
        ('{"data": [1 2]}', "a comma or the end of the list. Received: '2', .*character 13"),
        ('{"data": [{"a": 1, "a": 2}]}', "the name 'a' twice in an object"),
        ('{"data": [], "x": 1, "data": [1]}', "the name 'data' twice in an object, .*character"),
        ('{"x": [], "data": [], "x": []}', "the name 'x' twice in an object"),
        ('{1: 2, "data": []}', "a name in quotes. Received: '1', .*character 2"),
        ('{"data": [NaN]}', "NaN, which is not JSON"),
        ('{"data": [1e999]}', "1e999, which is larger"),
        ('{"data": ["\\ud800"]}', "half of a surrogate pair"),
        ('{"data": [' + "[" * 70 + "]" * 70 + "]}", "more than 64 lists"),
        ('{"data": [' + "[" * 100_000, "more than 64 lists"),
        ('{"data": [tru]}', "Expecting value, .*character 11"),
        ('{"data": []} x', "the end of the document. Received: 'x'"),
    ],
)
def test_other_documents_are_refused(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        list(elements(written(tmp_path, content), "data"))


def test_a_value_that_is_too_long_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(text_lines, "LONGEST", 1000)
    monkeypatch.setattr(text_lines, "_CHUNK", 100)
    with pytest.raises(ValueError, match="values of less than 1,000 characters"):
        list(elements(written(tmp_path, json.dumps({"data": ["x" * 2000]})), "data"))
    many = written(tmp_path, json.dumps({"data": ["x" * 300] * 30}))
    assert len(list(elements(many, "data"))) == 30


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"version": "1.1", "data": [', True), ('{"data" :\n [', True), ("[", True), ("", False),
        ('{"question": "a"}\n{"question": "b"}', False), ('{"data": 5}', False), ("a,b", False),
    ],
)  # fmt: skip
def test_documents_are_known_by_their_start(tmp_path, content, expected):
    assert json_document.is_one(written(tmp_path, content), "data") == expected
