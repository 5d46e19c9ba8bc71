import pytest

from pipelines.text import unspaced_scripts


@pytest.mark.parametrize("text", ["東京タワー", "今日は", "ภาษาไทย", "ຄົນລາວ", "ភាសាខ្មែរ", "မြန်မာစာ", "𠀀"])
def test_scripts_without_blanks(text):
    assert unspaced_scripts.share([text]) == 1
    assert "100% of the letters" in unspaced_scripts.warnings([text])[0]


@pytest.mark.parametrize(
    "text", ["Élan café", "Привет мир", "한국어 말", "हिन्दी में", "שלום", "العربية", "", "12 345 !", "_"]
)
def test_scripts_with_blanks(text):
    assert unspaced_scripts.share([text]) == 0
    assert not unspaced_scripts.warnings([text])


def test_the_share_is_one_of_letters():
    texts = ["東京 ab 12 !", "語" + "a" * 5]
    assert unspaced_scripts.share(texts) == pytest.approx(3 / 10)
    assert not unspaced_scripts.warnings(["語" + "a" * 200])
