import contextlib
import io
import json
import random
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipelines import runs
from pipelines.cli import main
from pipelines.runs.reports import decoding_choice as reports_choice
from pipelines.runs.starting import chosen_options, run_lock
from pipelines.seq2seq import DecodingOptions, decoding_choice
from pipelines.seq2seq.decoding_choice import Trial, best_of
from pipelines.translation.task import Config

FIT = [
    *["fit", "translation", "--run", "numbers", "--data", "numbers", "--source", "words", "--target", "digits"],
    *["--vocabulary_size", "320", "--max_source_length", "20", "--max_target_length", "20"],
    *["--decoding.beam_size", "2", "--decoding.length_penalty", "0.5", "--training.steps", "4"],
    *["--training.interval", "4", "--training.batch_tokens", "400", "--training.warmup_steps", "2"],
    *["--transformer.num_layers", "1", "--transformer.d_model", "16", "--transformer.num_heads", "2"],
]
CHOOSE = ["evaluate", "numbers", "--choose_decoding"]


def trial(bleu, repeated=0.0, **options):
    return Trial(DecodingOptions(**options), {"bleu": bleu, "repeated_phrases": repeated}, 1.0)


@pytest.mark.parametrize(
    ("trials", "best"),
    [
        ([trial(30.0, beam_size=2), trial(31.0, beam_size=8)], 1),
        ([trial(30.95, beam_size=2), trial(31.0, beam_size=8)], 0),  # no worse, and quicker
        ([trial(31.0, 1.5, beam_size=2), trial(30.95, 0.2, beam_size=8)], 1),  # no worse, and fewer loops
        ([trial(31.0, 1.5, beam_size=2), trial(30.5, 0.0, beam_size=8)], 0),
        ([trial(30.95, length_penalty=1.0), trial(31.0, length_penalty=1.4)], 1),
    ],
)
def test_the_best_is_chosen_and_of_equals_that_with_fewest_loops_then_the_quickest(trials, best):
    assert best_of(trials) == trials[best].options


class Guessed:
    """In place of a run that is searched with: its name is the beam size that suits it."""

    widest = 100

    def __init__(self, run, pairs, score):
        self.best = int(run.name)

    def attempt(self, options):
        return {"bleu": 30.0 - abs(options.beam_size - self.best) + options.no_repeat_phrase}, 1.0


class Indifferent(Guessed):
    """In place of a run whose answers no option changes."""

    def attempt(self, options):
        return {"bleu": 30.0, "repeated_phrases": 0.0}, 1.0


def test_where_all_score_the_same_the_options_of_the_run_are_kept(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(decoding_choice, "_Tried", Indifferent)
    own = DecodingOptions(beam_size=6, length_penalty=0.9, no_repeat_phrase=2)
    choice = decoding_choice.choose_decoding(
        [of_beam("2", length_penalty=0.9, no_repeat_phrase=2)], lambda run: [], None
    )
    assert choice.options == own and len(choice.trials) > 1
    run = runs.Run(tmp_path / "run", "translation", Config(decoding=own))
    run.path.mkdir()
    (run.path / "report.json").write_text("{}")
    monkeypatch.setattr(
        reports_choice.registry, "find", lambda name: SimpleNamespace(choose_decoding=lambda members: choice)
    )
    assert reports_choice.choose([run]) == [run]
    assert "all score the same; the options of the run are kept" in capsys.readouterr().out
    assert (run.path / "report.json").exists()


def of_beam(name, **options):
    return SimpleNamespace(name=name, config=SimpleNamespace(decoding=DecodingOptions(beam_size=6, **options)))


def test_of_several_runs_the_mean_counts(monkeypatch):
    monkeypatch.setattr(decoding_choice, "_Tried", Guessed)
    monkeypatch.setattr(decoding_choice, "_BEAMS", (2, 3, 8, 200))  # the last is wider than the vocabulary
    choice = decoding_choice.choose_decoding([of_beam(name) for name in ("2", "3", "8")], lambda run: [], None)
    assert (choice.options.beam_size, choice.options.no_repeat_phrase) == (3, max(decoding_choice._PHRASES))
    assert choice.trials[0].options.beam_size == 6  # of the runs
    assert {one.options.beam_size for one in choice.trials} == {2, 3, 6, 8}
    expected = 30 - (1 + 0 + 5) / 3
    assert next(one.metrics["bleu"] for one in choice.trials if one.options.beam_size == 3) == pytest.approx(expected)


def test_a_choice_for_several_runs_that_was_killed_between_two_goes_on(tmp_path, monkeypatch):
    config, seen = Config(decoding=DecodingOptions(beam_size=2)), []
    models = [runs.Run(tmp_path / name, "translation", config) for name in "ab"]
    for run in models:
        run.path.mkdir()
    best = replace(models[0], config=replace(config, decoding=DecodingOptions(beam_size=8)))
    chosen_options.keep(models[0], best)  # and no more
    chosen = decoding_choice.Choice(best.config.decoding, [trial(1.0, beam_size=8)])
    task = SimpleNamespace(choose_decoding=lambda members: seen.extend(members) or chosen)
    monkeypatch.setattr(reports_choice.registry, "find", lambda name: task)
    assert [run.config for run in reports_choice.choose([best, models[1]])] == [best.config, best.config]
    assert [run.config for run in seen] == [config, config]
    typed = replace(best, config=replace(config, decoding=DecodingOptions(beam_size=5)))
    assert chosen_options.original(typed) is typed
    chosen_options.keep(typed, best)
    assert chosen_options.original(best).config == typed.config


def test_runs_of_different_options_are_refused(monkeypatch):
    monkeypatch.setattr(decoding_choice, "_Tried", Guessed)
    with pytest.raises(ValueError, match="Expected runs with the same options of decoding"):
        decoding_choice.choose_decoding([of_beam("2"), of_beam("3", length_penalty=2.0)], lambda run: [], None)


@pytest.fixture(scope="module", autouse=True)
def workplace(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])  # `main` sets it
        for name, values in {"_BEAMS": (2, 3), "_PENALTIES": (0.5, 2.0), "_PHRASES": (0, 1)}.items():
            patch.setattr(decoding_choice, name, values)
        Path("numbers").mkdir()
        words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
        for split, rows in {"train": 100, "val": 12, "test": 3}.items():
            texts = [f"{random.Random(f'{split} {row}').randrange(10_000)}" for row in range(rows)]
            sources = [" ".join(words[int(digit)] for digit in text) for text in texts]
            for side, lines in {"words": sources, "digits": texts}.items():
                (Path("numbers") / f"{split}.{side}").write_text("".join(f"{line}\n" for line in lines))
        yield


@pytest.fixture(scope="module")
def chosen(workplace, one_replica):
    """The run after the choice, its report before, and what the choice printed."""
    with contextlib.redirect_stdout(io.StringIO()) as printed, one_replica():
        assert main.main(FIT) == 0
        before = (Path("runs/numbers/report.json").read_text(), runs.load("numbers").config.decoding)
        printed.truncate(0)
        assert main.main(CHOOSE) == 0
    return runs.load("numbers"), before, printed.getvalue()


def test_what_is_chosen_is_in_the_run_and_reported(chosen):
    run, (_, before), printed = chosen
    content = json.loads((run.path / chosen_options.FILE).read_text())
    assert len(content["trials"]) == 2 * 2 + 1
    assert content["before"]["decoding"]["beam_size"] == before.beam_size
    assert DecodingOptions(**content["after"]["decoding"]) == run.config.decoding
    scores = {key: one["metrics"] for key, one in content["trials"].items()}
    metrics = json.loads((run.path / "report.json").read_text())["metrics"]
    of_chosen = next(one for key, one in scores.items() if DecodingOptions(**json.loads(key)) == run.config.decoding)
    assert {name: metrics[name] for name in of_chosen} == of_chosen
    assert "before" in printed and "chosen" in printed
    assert f"{run.config.decoding.beam_size}, {run.config.decoding.length_penalty:g}, " in printed  # in each row
    assert not (run.path / "test_uses.log").exists()


def test_what_was_tried_is_what_evaluate_scores_with_these_options(chosen):
    run, _, _ = chosen
    trials = json.loads((run.path / chosen_options.FILE).read_text())["trials"]
    key = next(key for key in trials if json.loads(key)["beam_size"] == 3 and json.loads(key)["length_penalty"] == 2.0)
    options = [word for name, value in json.loads(key).items() for word in (f"--decoding.{name}", str(value))]
    assert main.main(["evaluate", "numbers", *options]) == 0
    metrics = json.loads((run.path / "report.changed.json").read_text())["metrics"]
    assert {name: metrics[name] for name in trials[key]["metrics"]} == trials[key]["metrics"]


def test_the_same_command_goes_on_where_it_was_ended(chosen, monkeypatch):
    run, _, _ = chosen
    file = run.path / chosen_options.FILE
    content = json.loads(file.read_text())
    gone = list(content["trials"])[-1]
    searched = []
    monkeypatch.setattr(decoding_choice._Tried, "_answers", lambda self, sources, options: searched.append(options))
    monkeypatch.setattr(decoding_choice, "best_of", lambda trials: DecodingOptions(**content["before"]["decoding"]))
    generator = decoding_choice._Tried(run, [], lambda pairs, outputs: None)
    generator.conditions, generator.known = content["conditions"], {**content["trials"]}
    assert generator.attempt(DecodingOptions(**json.loads(gone)))[1] == content["trials"][gone]["seconds"]
    assert not searched
    assert chosen_options.trials(run, content["conditions"]) == content["trials"]
    assert chosen_options.trials(run, {"weights": "other"}) == {}


def test_fit_with_the_options_of_before_keeps_the_choice_and_others_replace_it(chosen, capsys):
    run, (_, before), _ = chosen
    other = replace(before, beam_size=3, length_penalty=2.0, no_repeat_phrase=1)
    after = replace(run, config=replace(run.config, decoding=other))
    chosen_options.keep(run, after)
    kept = json.loads((run.path / chosen_options.FILE).read_text())
    assert DecodingOptions(**kept["before"]["decoding"]) == before  # the training's, though something was chosen since
    of_command = replace(run.config, decoding=before)
    assert runs.check("translation", of_command, "numbers").config.decoding == other
    assert "keeps the options that were chosen on validation" in capsys.readouterr().err
    typed = replace(run.config, decoding=replace(before, beam_size=7))
    assert runs.check("translation", typed, "numbers").config.decoding.beam_size == 7


@pytest.mark.parametrize("damage", ["[]", '{"after": {}}', '{"trials": 3}', '{"trials": {"a": {"metrics": {}}}}', "{"])
def test_a_damaged_choice_is_named(chosen, tmp_path, damage):
    run = replace(chosen[0], path=tmp_path)
    (tmp_path / chosen_options.FILE).write_text(damage)
    with pytest.raises(ValueError, match=r"decoding_choice\.json.*--choose_decoding. writes it anew"):
        chosen_options.instead(run)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--split", "test"], "Received: --choose_decoding and --split test"),
        (["--data", "numbers"], "Received: --choose_decoding and --data"),
        (["--decoding.beam_size", "3"], "Received: --choose_decoding and --decoding.beam_size 3"),
    ],
)
def test_what_it_cannot_choose_on_is_refused(chosen, capsys, more, message):
    assert main.main([*CHOOSE, *more]) == 2
    assert message in capsys.readouterr().err


def test_a_run_that_is_trained_meanwhile_is_refused(chosen, capsys):
    with run_lock.held(chosen[0].path):
        assert main.main(CHOOSE) == 2
    assert "Expected no other process to train" in capsys.readouterr().err


def test_a_task_that_chooses_none_is_refused(shout, capsys):
    assert main.main(["fit", shout]) == 0
    assert main.main(["evaluate", "shout", "--task", shout, "--choose_decoding"]) == 2
    assert "Expected a task with a function `choose_decoding`" in capsys.readouterr().err
