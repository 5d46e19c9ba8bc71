import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from pipelines.runs import Run, warm_start
from pipelines.seq2seq import Config, data, one_source
from pipelines.sources.split_names import SPLITS
from pipelines.sources.text import pair_files
from pipelines.sources.text.mixture import Component
from pipelines.sources.text.pair import Pair
from pipelines.sources.text.pair_form import PairForm
from pipelines.sources.text.parallel_text import PairFiles
from tfmodels.token_ids import END, PAD, START
from tfmodels.training import Options, TokenRows

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
MAX_LENGTHS = {"source": 40, "target": 30}


def reader(start, count):
    """Pairs of words and digits, counted on from split to split."""

    def read(split):
        first = start + SPLITS.index(split) * count
        for number in range(first, first + count):
            yield Pair(" ".join(WORDS[int(digit)] for digit in str(number)), str(number))

    return read


ONE, OTHER = (Component("one/folder", 3), reader(1_000, 20)), (Component("other/folder"), reader(50_000, 12))


def options(**changes):
    config = {"vocabulary_size": 320, "max_source_length": 40, "max_target_length": 30, "training": Options(seed=1)}
    return Config(**config | changes)


@pytest.fixture
def prepare(tmp_path):
    """Prepares a run and gives it back."""

    def prepare(name, sources, **changes):
        run = Run(tmp_path / name, "translation", options(**changes))
        data.prepare(run.config, run, sources)
        return run

    return prepare


def ids(run, split):
    """Both columns as lists of rows."""
    rows = TokenRows(run.assets / split)
    padded = {side: rows.padded(side, np.arange(len(rows)), MAX_LENGTHS[side]) for side in rows.columns}
    return {side: [row[row > 0].tolist() for row in table] for side, table in padded.items()}


def texts(run, split):
    subwords = data.subwords(run)
    columns = ids(run, split).values()
    return list(
        zip(*([subwords.text(tf.constant([row])).numpy()[0].decode() for row in side] for side in columns), strict=True)
    )


def files(run):
    return {path.relative_to(run.path): path.read_bytes() for path in run.path.rglob("*") if path.is_file()}


def test_an_epoch_holds_each_source_as_often_as_its_weight_says(prepare, capsys):
    run = prepare("several", [ONE, OTHER])
    expected = [pair[:2] for pair in [*ONE[1]("train")] * 3 + [*OTHER[1]("train")]]
    assert texts(run, "train") == expected
    for split in ("validation", "test"):
        assert texts(run, split) == [pair[:2] for pair in ONE[1](split)]
    table = data.sources_table(run)
    assert table["rows"] == [
        ["one/folder", 20, 3, pytest.approx(83.33, abs=0.01)],
        ["other/folder", 12, 1, pytest.approx(16.67, abs=0.01)],
    ]
    assert "one/folder: 20 training pairs, times 3: 83.3 % of an epoch" in capsys.readouterr().out


def test_the_shares_are_told_again_without_reading_again(prepare, capsys):
    prepare("several", [ONE, OTHER])
    printed = capsys.readouterr().out

    def unread(split):
        pytest.fail("read again")
        yield

    prepare("several", [(source, unread) for source, _ in (ONE, OTHER)])
    assert capsys.readouterr().out == printed


@pytest.fixture
def folder(tmp_path):
    """A folder of text files."""
    names = {"train": "train", "validation": "val", "test": "test"}
    for split, name in names.items():
        rows = list(reader(1_000, 20)(split))
        (tmp_path / f"{name}.en").write_text("".join(f"{pair.source}\n" for pair in rows))
        (tmp_path / f"{name}.de").write_text("".join(f"{pair.target}\n" for pair in rows))
    return tmp_path


def of_files(folder):
    return Component(str(folder)), PairFiles(
        pair_files.find_splits(folder, "en", "de"), PairForm("en", "de"), Path(folder) / ".index"
    )


def test_runs_share_what_was_made_of_the_same_files(prepare, folder, monkeypatch):
    alone = prepare("alone", [(Component("alone"), reader(1_000, 20))])
    first = prepare("first", [of_files(folder)])
    assert files(first) == files(alone)
    with monkeypatch.context() as patch:
        patch.setattr(pair_files, "read", lambda *_: pytest.fail("read again"))
        assert files(prepare("again", [of_files(folder)])) == files(first)
        assert files(prepare("seed", [of_files(folder)], training=Options(seed=2))) == files(first)
    tokens = first.assets / "train" / "source.tokens.int32"
    assert tokens.stat().st_nlink == 1  # a copy: what is done to it reaches no other run


@pytest.mark.parametrize(
    "changes",
    [
        {"vocabulary_size": 310},
        pytest.param({"max_source_length": 5}, marks=pytest.mark.slow),
        pytest.param({"max_target_length": 5}, marks=pytest.mark.slow),
        pytest.param({"subword_samples": 1}, marks=pytest.mark.slow),
        pytest.param({"subword_samples": 2}, marks=pytest.mark.slow),
    ],
)
def test_what_tokens_depend_on_makes_them_anew(prepare, folder, changes):
    prepare("first", [of_files(folder)])
    prepare("other", [of_files(folder)], subword_samples=1, training=Options(seed=2))
    sources = [(Component("alone"), reader(1_000, 20))]
    assert files(prepare("shared", [of_files(folder)], **changes)) == files(prepare("alone", sources, **changes))


def test_files_that_changed_are_read_again(prepare, folder):
    first = prepare("first", [of_files(folder)])
    for name in ("train.en", "train.de"):
        (folder / name).write_text((folder / name).read_text() + "1\n")
    again = prepare("again", [of_files(folder)])
    assert texts(again, "train") == [*texts(first, "train"), ("1", "1")]
    assert texts(first, "train") == [pair[:2] for pair in reader(1_000, 20)("train")]


def test_a_prepared_run_needs_neither_files_nor_index(prepare, folder, monkeypatch):
    sources = [of_files(folder)]
    before = files(prepare("run", sources))
    shutil.rmtree(folder / ".index")
    monkeypatch.setattr(pair_files, "read", lambda *_: pytest.fail("read again"))
    assert files(prepare("run", sources)) == before


@pytest.mark.parametrize("name", ["train.en", "val.en", "test.de"])
def test_all_files_are_checked_before_anything_is_learnt(prepare, folder, name):
    (folder / name).write_text("one\n\n")
    with pytest.raises(ValueError, match=rf"empty line, .*{name}, line 2"):
        prepare("run", [of_files(folder)])
    assert not list(folder.glob("run/assets/*"))


@pytest.mark.parametrize("empty", SPLITS)
def test_a_split_without_pairs_is_named(prepare, empty):
    def read(split):
        yield from () if split == empty else reader(1_000, 20)(split)

    with pytest.raises(ValueError, match=rf"pairs in each split. Received: none in {empty}, data=mine"):
        prepare("empty", one_source("mine", read))


def test_tokens_to_keep_are_subwords(prepare, tmp_path, monkeypatch):
    origin = Run(tmp_path / "words", "classification", None)
    origin.assets.mkdir(parents=True)
    (origin.assets / "words.json").write_text("[]")
    monkeypatch.setattr(warm_start, "origin", lambda config, run: origin)
    with pytest.raises(ValueError, match=r"a run with subwords to keep.*start_from='words'"):
        prepare("run", [OTHER], start_from="words", keep_tokens=True)


def test_one_source_has_no_table(prepare):
    run = prepare("one", [OTHER])
    assert data.sources_table(run) is None
    assert {path.name for path in run.assets.iterdir()} == {"subwords.model", *SPLITS}


def test_samples_are_segmentations_of_the_same_texts(prepare):
    best, sampled = prepare("best", [ONE, OTHER]), prepare("sampled", [ONE, OTHER], subword_samples=2)
    assert (sampled.assets / "subwords.model").read_bytes() == (best.assets / "subwords.model").read_bytes()
    once = [*ONE[1]("train")], [*OTHER[1]("train")]
    assert texts(sampled, "train") == [pair[:2] for pair in [*once[0] * 6, *once[1] * 2]]
    assert len({tuple(ids(sampled, "train")["source"][20 * copy]) for copy in range(6)}) > 1
    for split in ("validation", "test"):
        assert ids(sampled, split) == ids(best, split)


@pytest.mark.parametrize("samples", [0, 3])
def test_each_side_is_cut_to_its_own_limit_with_its_end(prepare, samples):
    sides = ids(prepare("cut", [OTHER], subword_samples=samples, max_source_length=8, max_target_length=3), "train")
    assert max(map(len, sides["source"])) == 8 and max(map(len, sides["target"])) == 3
    assert all(row[-1] == END for side in sides.values() for row in side)


def test_plain_tuples_are_pairs_too(prepare):
    run = prepare("plain", one_source("numbers", lambda split: (pair[:2] for pair in ONE[1](split))))
    assert texts(run, "train") == [pair[:2] for pair in ONE[1]("train")]


def test_one_seed_prepares_the_same_and_another_draws_others(prepare):
    one, again, other = (
        prepare(name, [OTHER], subword_samples=2, training=Options(seed=seed))
        for name, seed in (("one", 1), ("again", 1), ("other", 2))
    )
    assert files(one) == files(again)
    assert {path for path, content in files(other).items() if content != files(one)[path]} > {
        other.assets.relative_to(other.path) / "train" / "source.tokens.int32"
    }


def test_without_subwords_a_run_is_not_prepared(tmp_path):
    with pytest.raises(FileNotFoundError, match="`tfmodels fit` prepares it"):
        data.subwords(Run(tmp_path, "translation", options()))


def test_the_decoder_reads_the_target_one_step_late():
    target = np.array([[5, 6, END], [7, END, PAD]], np.int32)
    inputs, targets, weights = data.teacher_forced(target + 1, target)
    assert inputs["target"].tolist() == [[START, 5, 6], [START, 7, PAD]]
    assert inputs["source"].tolist() == (target + 1).tolist()
    assert targets.tolist() == target.tolist()
    assert weights.tolist() == [[1, 1, 1], [1, 1, 0]]
