import itertools
import random
import re
from collections import Counter

import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from pipelines.sources.synthetic import opinion_words, synthetic_opinions

KINDS = list(synthetic_opinions.KINDS)
TWINS = [kind for kind in KINDS if kind not in ("plain", "denial", "contrast")]


def grams(text):
    words = re.findall(r"\w+", text.lower())
    return Counter(words), Counter(itertools.pairwise(words))


@pytest.mark.parametrize("kind", TWINS)
def test_twins_have_the_same_words_and_neighbours(kind):
    draw = random.Random(1)
    for _ in range(200):
        _, negative, positive = synthetic_opinions.twins(kind, draw)
        assert negative != positive
        assert grams(negative) == grams(positive)


def test_words_and_their_pairs_do_not_tell():
    splits = synthetic_opinions.read(seed=1)
    vectorizer = CountVectorizer(ngram_range=(1, 2))
    model = LogisticRegression(max_iter=1000)
    model.fit(
        vectorizer.fit_transform([row.text for row in splits["train"]]), [row.labels[0] for row in splits["train"]]
    )
    right = {}
    for kind in synthetic_opinions.KINDS:
        rows = [row for split in ("validation", "test") for row in splits[split] if row.kind == kind]
        right[kind] = model.score(vectorizer.transform([row.text for row in rows]), [row.labels[0] for row in rows])
    assert right.pop("plain") > 0.9
    assert all(0.35 < share < 0.65 for share in right.values()), right


def test_splits_are_disjoint_even_in_their_values():
    splits = synthetic_opinions.read(seed=1)
    texts = [row.text.lower() for rows in splits.values() for row in rows]
    assert len(set(texts)) == len(texts)
    for rows in splits.values():
        assert all(len(set(Counter(row.labels for row in rows if row.kind == kind).values())) == 1 for kind in KINDS)
    opinions = {
        split: {
            frozenset(re.findall(r"\w+", row.text.lower())) & {*opinion_words.GOOD, *opinion_words.BAD}
            for row in rows
            if row.kind == "order"
        }
        for split, rows in splits.items()
    }
    assert not opinions["train"] & opinions["test"] and not opinions["train"] & opinions["validation"]


def test_texts_are_written_as_people_write_them():
    texts = [row.text for row in synthetic_opinions.read(seed=1)["train"]]
    shares = {
        "capital": sum(text[0].isupper() for text in texts),
        "small": sum(text[0].islower() for text in texts),
        "contraction": sum("n't" in text for text in texts),
        "curly": sum("n’t" in text for text in texts),
        "but": sum(", but " in text for text in texts),
        "But": sum(". But " in text for text in texts),
        "Not": sum(text.startswith("Not ") for text in texts),
        "stop": sum(text.endswith(".") for text in texts),
        "mark": sum(text.endswith("!") for text in texts),
        "nothing": sum(text[-1].isalpha() for text in texts),
    }
    assert min(shares.values()) >= 20, shares
    assert not any(re.search(r" [.,!]|\{|\ba [aeiou]|\bI (was|were|is)\b", text) for text in texts)


def test_opinions_are_denied_by_words_that_training_has_not_seen_beside_them():
    splits = synthetic_opinions.read(seed=1)
    words = {
        split: {
            word
            for row in rows
            if row.kind == "denial"
            for word in re.findall(r"\w+", row.text.lower())
            if word in (*opinion_words.GOOD, *opinion_words.BAD)
        }
        for split, rows in splits.items()
    }
    assert not words["train"] & words["validation"] and not words["train"] & words["test"]
    assert all(len(found) > 2 for found in words.values()), words


def test_the_seed_makes_the_data():
    assert synthetic_opinions.read(seed=1) == synthetic_opinions.read(seed=1)
    assert synthetic_opinions.read(seed=1) != synthetic_opinions.read(seed=2)
