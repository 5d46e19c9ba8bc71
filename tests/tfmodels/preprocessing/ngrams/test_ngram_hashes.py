from hypothesis import given
from hypothesis import strategies as st

from tfmodels.preprocessing import character_ngrams

WIDTH, BUCKETS = 48, 2**40  # so many that no two n-grams share one


def ngrams(piece):
    letters = f"<{piece}>"
    return {letters[start : start + length] for length in (3, 4, 5) for start in range(len(letters) - length + 1)}


def rows(piece, width=WIDTH):
    return set(character_ngrams([piece], width, BUCKETS)[0].tolist()) - {0}


@given(one=st.text("abcdefgh", max_size=12), other=st.text("abcdefgh", max_size=12))
def test_tokens_share_the_buckets_of_the_ngrams_that_they_share(one, other):
    assert len(rows(one)) == len(ngrams(one))
    assert len(rows(one) & rows(other)) == len(ngrams(one) & ngrams(other))


def test_boundaries_are_characters():
    assert not rows("un") & rows("tuning")
    assert len(rows("un") & rows("unable")) == len({"<un"})


def test_long_tokens_keep_their_short_ngrams():
    word = "incomprehensibility"
    kept = rows(word, len(word))
    assert len(kept) == len(word)
    assert len(rows(word) & rows("inc")) == len({"<in", "inc", "<inc"})
    assert len(kept & rows("inc")) == len({"<in", "inc"})


def test_padding_has_no_ngrams_and_buckets_are_in_range():
    table = character_ngrams(["", "a", "good", "film"], WIDTH, buckets=7)
    assert not table[0].any() and table[1].any()
    assert table.max() < 7
