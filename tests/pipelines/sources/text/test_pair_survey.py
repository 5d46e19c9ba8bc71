import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.split_names import SPLITS
from pipelines.sources.text import pair_survey
from pipelines.sources.text.pair import Pair
from pipelines.sources.text.pair_form import PairForm
from pipelines.sources.text.parallel_text import PairFiles

PAIRS = [Pair(f"text {number}", f"Text {number}") for number in range(100)]


def survey(share=0.1, **splits):
    return pair_survey.make(splits, splits.__getitem__, share)


def files(folder, index=None, share=0.1, **splits):
    for split, pairs in splits.items():
        (folder / f"{split}.tsv").write_text("".join(f"{source}\t{target}\n" for source, target, *_ in pairs))
    paths = {split: (folder / f"{split}.tsv",) for split in splits}
    return PairFiles(paths, PairForm("en", "de", held_back=share), index)


@given(
    sources=st.lists(st.sampled_from("abcdefghijklmnopqrstuvwxyzABC"), min_size=3, max_size=60),
    share=st.floats(0.01, 0.6),
)
def test_what_is_held_back_shares_no_source(sources, share):
    pairs = [Pair(source, str(number)) for number, source in enumerate(sources)]
    if len({source.casefold() for source in sources}) < 3:
        with pytest.raises(ValueError, match="more than 2 different sources"):
            survey(share, train=pairs)
        return
    found = survey(share, train=pairs)
    parts = {split: [] for split in SPLITS}
    for pair in pairs:
        parts[pair_survey.split_of(found.held_back, pair.source)].append(pair)
    assert found.counts == {split: len(part) for split, part in parts.items()}
    assert all(found.counts.values())
    folded = [{pair.source.casefold() for pair in part} for part in parts.values()]
    assert sum(map(len, folded)) == len(set().union(*folded))


def test_the_same_pairs_are_held_back_whatever_their_order():
    forwards, backwards = survey(train=PAIRS), survey(train=PAIRS[::-1])
    assert forwards == backwards
    assert forwards.counts == {"train": 80, "validation": 10, "test": 10}
    assert "no test split: 10 pairs of the training data are held back" in forwards.notes[0]


def test_only_what_is_missing_is_held_back():
    found = survey(train=PAIRS, validation=[Pair("other", "anders")])
    assert found.counts == {"train": 90, "validation": 1, "test": 10}
    assert survey(share=0, train=PAIRS).counts == {"train": 100, "validation": 0, "test": 0}


def test_no_more_than_enough_is_held_back(monkeypatch):
    monkeypatch.setattr(pair_survey, "_MOST_HELD_BACK", 4)
    assert survey(share=0.5, train=PAIRS).counts == {"train": 92, "validation": 4, "test": 4}


def test_texts_in_two_splits_are_counted():
    again = [Pair("Text  1", "Text 1"), Pair("text 2", "anders"), Pair("new", "neu")]
    (note,) = survey(train=PAIRS, validation=[Pair("other", "anders")], test=again).notes
    assert note.startswith("2 of 3 test pairs have a source that the training data has, too, 1 of them with the same")


def test_files_are_divided_as_the_survey_says(tmp_path):
    read = files(tmp_path, train=PAIRS, validation=PAIRS[:3])
    parts = {split: list(read(split)) for split in SPLITS}
    assert {split: len(part) for split, part in parts.items()} == read.survey.counts
    assert parts["validation"] == PAIRS[:3]
    assert sorted(parts["train"] + parts["test"]) == sorted(PAIRS)


def test_what_is_cached_depends_on_what_it_was_made_of(tmp_path):
    index = tmp_path / ".index"
    first = files(tmp_path, index, train=PAIRS)
    stamps = [
        first.stamp("train"),
        first.stamp("test"),
        files(tmp_path, index, 0.2, train=PAIRS).stamp("train"),
        files(tmp_path, index, train=PAIRS, validation=PAIRS[:3]).stamp("train"),
        files(tmp_path, index, train=PAIRS, validation=PAIRS[:3], test=PAIRS[:3]).stamp("train"),
    ]
    assert all(stamp not in stamps[:place] for place, stamp in enumerate(stamps))
    assert files(tmp_path, index, 0.2, train=PAIRS).survey.counts["test"] == 20
    assert first.survey.counts["test"] == 10


def test_sources_that_begin_alike_stay_in_one_split_and_are_counted():
    letters = [Pair(f"Dear member number ONE,  hello again. {number}", "x") for number in range(50)]
    others = [Pair(f"{number} is the number of this text", "y") for number in range(150)]
    rows = {"train": letters + others, "test": [letters[0], Pair("dear member number one, HELLO again. New", "z")]}
    found = pair_survey.make(["train", "test"], rows.__getitem__, 0.1, opening=20)
    of = {pair_survey.split_of(found.held_back, pair.source, 20) for pair in letters}
    assert len(of) == 1
    assert any("1 of 2 test pairs have a source whose first 20 characters are those" in note for note in found.notes)
    assert any("1 of 2 test pairs have a source that the training data has" in note for note in found.notes)
