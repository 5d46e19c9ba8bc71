import gzip

import pytest

from pipelines.sources.files import text_lines


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("content", "encoding", "lines"),
    [
        (b"", "utf-8", []),
        (b"one\ntwo", "utf-8", ["one", "two"]),
        (b"\xef\xbb\xbfone\r\n\n", "utf-8", ["one", ""]),
        ("a\u2028b\x0bc\n".encode(), "utf-8", ["a\u2028b\x0bc"]),
        ("Käse\n".encode("cp1252"), "cp1252", ["Käse"]),
    ],
)
def test_only_a_newline_ends_a_line(tmp_path, content, encoding, lines, packed):
    path = tmp_path / ("text.gz" if packed else "text")
    path.write_bytes(gzip.compress(content) if packed else content)
    assert list(text_lines.read(path, encoding)) == lines


def test_another_encoding_is_named(tmp_path):
    (tmp_path / "text").write_bytes(b"one\nt\xfcr\n")
    with pytest.raises(ValueError, match=r"Expected UTF-8 text, or its --encoding.*0xfc at position 1 .*text, line 2"):
        list(text_lines.read(tmp_path / "text"))
