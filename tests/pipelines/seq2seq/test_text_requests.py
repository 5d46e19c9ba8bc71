import pytest

from pipelines.seq2seq import answers, requests

CARD = {"columns": ["text"]}


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"one\ntwo", ["one", "two"]),
        (b"one\n\ntwo\n", ["one", "", "two"]),
        (b"\xef\xbb\xbfone\r\ntwo\r\n", ["one", "two"]),
        ("one\u2028still one\rand\x0cstill\n".encode(), ["one\u2028still one\rand\x0cstill"]),
    ],
)
def test_requests_are_the_lines_of_a_file(tmp_path, content, rows):
    (tmp_path / "texts.txt").write_bytes(content)
    assert requests(tmp_path / "texts.txt", CARD) == rows


def test_a_file_without_texts_is_refused(tmp_path):
    (tmp_path / "texts.txt").write_bytes(b"")
    with pytest.raises(ValueError, match=r"texts\.txt"):
        requests(tmp_path / "texts.txt", CARD)


def test_requests_in_another_encoding_are_refused_by_name(tmp_path):
    (tmp_path / "texts.txt").write_bytes("grün".encode("latin-1"))
    with pytest.raises(ValueError, match=r"UTF-8.*texts\.txt"):
        requests(tmp_path / "texts.txt", CARD)


def test_answers_are_as_many_lines_as_rows(tmp_path):
    answers(tmp_path / "answers.txt", [], [{"text": "one\ntwo"}, {"text": ""}, {"text": "grün"}], CARD)
    assert (tmp_path / "answers.txt").read_bytes() == "one two\n\ngrün\n".encode()
