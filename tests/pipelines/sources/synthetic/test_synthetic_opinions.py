import itertools
import random
import re
from collections import Counter

import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from pipelines.sources.synthetic import synthetic_opinions


def grams(text):
    words = re.findall(r"\w+", text.lower())
    return Counter(words), Counter(itertools.pairwise(words))


@pytest.mark.parametrize("kind", [kind for kind in synthetic_opinions.KINDS if kind != "plain"])
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
        rows = [row for row in splits["validation"] if row.kind == kind]
        right[kind] = model.score(vectorizer.transform([row.text for row in rows]), [row.labels[0] for row in rows])
    assert right.pop("plain") > 0.95
    assert all(0.35 < share < 0.65 for share in right.values()), right


def test_splits_are_disjoint_even_in_their_values():
    splits = synthetic_opinions.read(seed=1)
    texts = [row.text for rows in splits.values() for row in rows]
    assert len(set(texts)) == len(texts)
    for rows in splits.values():
        assert len(set(Counter((row.kind, row.labels) for row in rows).values())) == 1
    opinions = {
        split: {
            frozenset(re.findall(r"\w+", row.text)) & {*synthetic_opinions._GOOD, *synthetic_opinions._BAD}
            for row in rows
            if row.kind == "order"
        }
        for split, rows in splits.items()
    }
    assert not opinions["train"] & opinions["test"] and not opinions["train"] & opinions["validation"]


def test_the_seed_makes_the_data():
    assert synthetic_opinions.read(seed=1) == synthetic_opinions.read(seed=1)
    assert synthetic_opinions.read(seed=1) != synthetic_opinions.read(seed=2)
