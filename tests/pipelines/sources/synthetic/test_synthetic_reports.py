import re
from itertools import islice

from pipelines.sources.synthetic import synthetic_reports
from tfmodels.metrics import summary_baselines


def test_reports_are_the_same_for_a_seed_and_in_one_split_only():
    some = {
        split: list(islice(synthetic_reports.read(split, seed=1), 300)) for split in ("train", "validation", "test")
    }
    assert some["test"] == list(islice(synthetic_reports.read("test", seed=1), 300))
    assert some["test"] != list(islice(synthetic_reports.read("test", seed=2), 300))
    documents = {split: {pair.source for pair in pairs} for split, pairs in some.items()}
    assert not documents["test"] & documents["train"] and not documents["validation"] & documents["test"]
    assert {pair.kind for pair in some["test"]} == set(synthetic_reports.KINDS)


def test_a_summary_needs_several_sentences_and_the_first_one_misleads():
    for pair in islice(synthetic_reports.read("test", seed=1), 200):
        facts = set(re.findall(r"[A-Z]\w+|\d+", pair.target))  # names, days and numbers
        sentences = summary_baselines.sentences(pair.source)
        assert all(len(facts & set(re.findall(r"\w+", sentence))) < len(facts) for sentence in sentences)
        told = set(re.findall(r"\w+", " ".join(sentences[1:])))
        assert {fact for fact in facts if fact.isdigit()} <= told
