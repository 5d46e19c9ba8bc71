import pytest

from pipelines.seq2seq import answers, requests


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"", []),
        (b"one\ntwo", ["one", "two"]),
        (b"one\n\ntwo\n", ["one", "", "two"]),
        (b"\xef\xbb\xbfone\r\ntwo\r\n", ["one", "two"]),
        ("one\u2028still one\rand\x0cstill\n".encode(), ["one\u2028still one\rand\x0cstill"]),
    ],
)
def test_requests_are_the_lines_of_a_file(tmp_path, content, rows):
    (tmp_path / "texts.txt").write_bytes(content)
    assert requests(tmp_path / "texts.txt", {}) == rows


def test_requests_in_another_encoding_are_refused_by_name(tmp_path):
    (tmp_path / "texts.txt").write_bytes("grün".encode("latin-1"))
    with pytest.raises(ValueError, match=r"UTF-8.*texts\.txt"):
        requests(tmp_path / "texts.txt", {})


def test_answers_are_as_many_lines_as_rows(tmp_path):
    answers(tmp_path / "answers.txt", [], [{"text": "one\ntwo"}, {"text": ""}, {"text": "grün"}], {})
    assert (tmp_path / "answers.txt").read_bytes() == "one two\n\ngrün\n".encode()
