"""Runs that start from another run or from word vectors, on the command line."""

import contextlib
import io
import random
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipelines import runs
from pipelines.cli import main
from pipelines.seq2seq import data
from pipelines.text import token_vectors
from pipelines.translation import task as translation
from tfmodels import training

WORDS = {
    "numbers": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
    "others": ["null", "one", "two", "drei", "vier", "five", "sechs", "seven", "acht", "neun"],
}
FIT = [
    *["fit", "translation", "--data", "numbers", "--source", "words", "--target", "digits"],
    *["--max_source_length", "20", "--max_target_length", "20", "--transformer.num_layers", "1"],
    *["--transformer.d_model", "16", "--transformer.num_heads", "2", "--transformer.feed_forward_dim", "32"],
    *[
        "--decoding.beam_size",
        "1",
        "--training.steps",
        "2",
        "--training.interval",
        "2",
        "--training.batch_tokens",
        "400",
    ],
    *["--training.warmup_steps", "0", "--vocabulary_size", "320"],
]
ORIGIN = [*FIT, "--run", "origin"]
# Steps that change nothing, so that the weights are those it started from.
TUNED = [*FIT, "--run", "tuned", "--data", "others", "--start_from", "origin", "--training.learning_rate", "1e-30"]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def workplace(tmp_path_factory, one_replica):
    with pytest.MonkeyPatch.context() as patch, one_replica():
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])  # `main` sets it
        for folder, words in WORDS.items():
            write_numbers(Path(folder), words)
        yield Path.cwd()


def write_numbers(folder, words):
    folder.mkdir()
    numbers = random.Random(1).sample(range(10_000), 160)
    for split, part in {"train": numbers[:100], "val": numbers[100:130], "test": numbers[130:]}.items():
        texts = (" ".join(words[int(digit)] for digit in str(number)) for number in part)
        (folder / f"{split}.words").write_text("".join(f"{text}\n" for text in texts))
        (folder / f"{split}.digits").write_text("".join(f"{number}\n" for number in part))


def fit(arguments):
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert main.main(arguments) == 0
    return printed.getvalue()


@pytest.fixture(scope="module")
def origin(workplace):
    fit(ORIGIN)
    return runs.load("origin")


@pytest.fixture(scope="module")
def tuned(origin):
    """The run, and what training it printed."""
    printed = fit(TUNED)
    return runs.load("tuned"), printed


def best(run):
    network = translation.model(run.config, run)
    network.build()
    training.restore_best(run.checkpoints, network)
    return {name: weight.numpy() for name, weight in training.weights_by_name(network).items()}


def tables(run):
    """The vector of each piece."""
    return dict(zip(data.subwords(run).vocabulary(), best(run)["embedding/vectors"], strict=True))


def test_a_run_starts_from_the_best_weights_of_another(origin, tuned):
    before, after = best(origin), best(tuned[0])
    assert before.keys() == after.keys()
    for name in before.keys() - {"embedding/vectors"}:
        np.testing.assert_allclose(after[name], before[name], rtol=0, atol=1e-20, err_msg=name)


def test_pieces_keep_their_vectors_whatever_their_rows(origin, tuned):
    before, after = tables(origin), tables(tuned[0])
    shared = before.keys() & after.keys()
    assert min(len(before), len(after)) > len(shared) and "▁seven" in shared
    assert any(list(before).index(piece) != list(after).index(piece) for piece in shared)
    for piece in shared:
        np.testing.assert_allclose(after[piece], before[piece], rtol=0, atol=1e-20, err_msg=piece)
    counts = f"{len(shared)} kept, {len(after) - len(shared)} new, {len(before) - len(shared)} gone"
    assert f"Starting from runs/origin:\n  pieces: {counts}\n" in tuned[1]
    assert f"variables: {len(best(origin))} copied, 0 newly initialised" in tuned[1]


def test_the_run_remembers_where_it_started(tuned, capsys):
    run, _ = tuned
    assert "start_from: origin\n" in (run.path / "config.yaml").read_text()
    assert "started from the weights of origin" in (run.path / "report.json").read_text()
    other = [argument if argument != "origin" else "other" for argument in TUNED]
    assert main.main(other) == 2
    assert "start_from: origin in the run, other now" in capsys.readouterr().err


def test_a_run_that_has_begun_needs_its_origin_no_more(origin, tuned):
    history = (tuned[0].path / "history.json").read_text()
    origin.path.rename("runs/moved")
    try:
        assert "Starting from" not in fit(TUNED)
    finally:
        Path("runs/moved").rename(origin.path)
    assert (tuned[0].path / "history.json").read_text() == history


def test_subwords_can_be_kept(origin, capsys):
    config = replace(origin.config, start_from="runs/origin", keep_tokens=True)
    kept = runs.create("translation", config, "kept")
    translation.prepare(config, kept)
    assert (kept.assets / "subwords.model").read_bytes() == (origin.assets / "subwords.model").read_bytes()
    network = translation.model(config, kept)
    network.build()
    token_vectors.initialise(config, kept, network)
    assert ", 0 new, 0 gone" in capsys.readouterr().out


def test_what_is_left_fresh_is_told_with_the_reason(origin, tuned, capsys):
    run = tuned[0]
    config = replace(run.config, transformer=replace(run.config.transformer, num_layers=2, feed_forward_dim=24))
    network = translation.model(config, run)
    network.build()
    token_vectors.initialise(config, run, network)
    printed = capsys.readouterr().out
    assert "(16, 32) -> (16, 24): encoder_0/feed_forward/inner/kernel, decoder_0/feed_forward/inner/kernel\n" in printed
    assert re.search(r"not there: encoder_1/.*, decoder_1/", printed)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--start_from", "orgin"], "did you mean origin?"),
        (["--start_from", "stopped"], "Expected a checkpoint of the best weights in runs/stopped"),
        (["--keep_tokens", "true"], "start_from to be the run whose tokens are kept"),
        (["--vectors", "nowhere.vec"], "nowhere.vec"),
        (["--vectors", "narrow.vec"], "Expected word vectors of 16 numbers"),
        (["--data", "numbers*0"], "'numbers*0'"),
        (["--data", "numbers,nowhere"], "of the source 'nowhere'"),
        (["--subword_samples", "-1"], "subword_samples to be at least 0"),
    ],
)
def test_a_mistake_is_told_before_any_work_and_leaves_nothing(origin, capsys, arguments, message):
    stopped = runs.create("translation", origin.config, "stopped")
    (stopped.assets / "subwords.model").write_bytes((origin.assets / "subwords.model").read_bytes())
    Path("narrow.vec").write_text("one 1 2 3\n")
    assert main.main([*FIT, "--run", "mistake", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not Path("runs/mistake").exists()


def test_networks_without_a_weight_in_common_are_refused(origin, capsys):
    sizes = dict(zip(FIT[0::2], FIT[1::2], strict=True))
    options = [word for option in sizes.items() if "transformer." not in option[0] for word in option]
    other = ["--run", "mistake", "--start_from", "origin", "--model", "lstm", "--lstm.d_model", "8"]
    assert main.main([*options, *other]) == 2
    assert "TransformerSeq2Seq and LSTMSeq2Seq without any" in capsys.readouterr().err
    assert not Path("runs/mistake").exists()


def test_a_run_does_not_start_from_itself_nor_delete_itself(origin, capsys):
    assert main.main([*ORIGIN, "--start_from", "runs/origin", "--overwrite"]) == 2
    assert "Expected another run to start from" in capsys.readouterr().err
    assert runs.load("origin") == origin and (origin.path / "report.json").is_file()


def vectors_of(run, file, **changes):
    """The table before and after, by pieces."""
    config = replace(run.config, vectors=file, **changes)
    network = translation.model(config, run)
    network.build()
    table = training.weights_by_name(network)["embedding/vectors"]
    before = table.numpy()
    token_vectors.initialise(config, run, network)
    return data.subwords(run).vocabulary(), before, table.numpy()


def test_pieces_that_are_words_start_from_word_vectors(origin, capsys):
    vectors = {word: np.random.default_rng(index).normal(3, 5, 16) for index, word in enumerate(["SEVEN", "one", "7"])}
    Path("words.vec").write_text(
        "3 16\n" + "".join(f"{word} {' '.join(map(str, vector))}\n" for word, vector in vectors.items())
    )
    pieces, before, after = vectors_of(origin, "words.vec")
    expected = {"▁seven": "SEVEN", "▁one": "one", "7": "7"}
    known = np.array([piece in expected for piece in pieces])
    assert known.sum() == 3
    np.testing.assert_array_equal(after[~known], before[~known])
    given = np.array([vectors[expected[piece]] for piece in pieces if piece in expected])
    np.testing.assert_allclose(after[known] / given, before.std() / given.std(), rtol=1e-4)
    assert after[known].std() == pytest.approx(before.std(), rel=1e-4)
    counts = training.TokenRows(origin.assets / "train").counts(len(pieces))
    shares = f"({3 / len(pieces):.1%}), {counts[known].sum() / counts.sum():.1%} of the running tokens"
    assert f"for 3 of {len(pieces)} pieces {shares}" in capsys.readouterr().out


def test_only_pieces_that_the_other_run_lacks_take_word_vectors(origin, tuned):
    own = tables(tuned[0])
    new = [piece for piece in tables(origin) if piece not in own]
    words = {piece.removeprefix("▁") for piece in ["▁one", *new]}
    Path("both.vec").write_text("".join(f"{word} {'1 ' * 8}{'-1 ' * 8}\n" for word in words))
    pieces, before, after = vectors_of(origin, "both.vec", start_from="tuned")
    assert new and "▁one" in own
    for piece, row in zip(pieces, after, strict=True):
        expected = own[piece] if piece in own else before.std() * np.repeat([1, -1], 8)
        np.testing.assert_allclose(row, expected, rtol=1e-5, err_msg=piece)


def test_a_malformed_line_of_word_vectors_is_named(origin):
    Path("odd.vec").write_text(f"one{' 1' * 16}\ntwo{' 1' * 15} x\n")
    with pytest.raises(ValueError, match=r"odd\.vec, line 2"):
        vectors_of(origin, "odd.vec")
