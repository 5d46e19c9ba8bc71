import pytest

from tfmodels import export


def test_hard_texts_cover_the_difficult_cases():
    texts = export.hard_texts()
    assert b"" in texts
    assert max(map(len, texts)) == 10_000
    assert any(not text.strip() and text for text in texts)
    with pytest.raises(UnicodeDecodeError):
        b"".join(texts).decode()
