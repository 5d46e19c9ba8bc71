import contextlib
import gzip
import io
import json
import random
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import pipelines
from pipelines import runs, seq2seq
from pipelines.cli import main
from pipelines.runs import run_folders
from pipelines.seq2seq import data
from pipelines.translation import task as translation
from tfmodels import export

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
ROWS = {"train": 200, "val": 30, "test": 30}
SIZES = {
    "transformer": [
        *["--transformer.num_layers", "1", "--transformer.d_model", "16", "--transformer.num_heads", "2"],
        *["--transformer.feed_forward_dim", "32"],
    ],
    "lstm": ["--model", "lstm", "--lstm.num_layers", "1", "--lstm.d_model", "16", "--lstm.num_heads", "2"],
}
FIT = [
    *["fit", "translation", "--run", "numbers", "--data", "numbers", "--source", "words", "--target", "digits"],
    *["--vocabulary_size", "320", "--max_source_length", "20", "--max_target_length", "20"],
    *["--decoding.beam_size", "2", "--training.steps", "8", "--training.interval", "4"],
    *["--training.batch_tokens", "400", "--training.warmup_steps", "2"],
]
TEXTS = ["seven", "one two three four", "", "never seen 語"]
ENDPOINTS = ("serving_default", "with_options", "nbest", "attention", "sample", "score")
NO_GPU = pytest.mark.skipif(bool(tf.config.list_physical_devices("GPU")), reason="a GPU has half precision")
ONE_FAMILY = pytest.mark.usefixtures("one_family")


@pytest.fixture(scope="module", autouse=True, params=["transformer", pytest.param("lstm", marks=pytest.mark.slow)])
def workplace(request, tmp_path_factory):
    """The working directory of all tests here; `numbers` holds numbers in words and in digits. Once for each family."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules[__name__], "FIT", [*FIT, *SIZES[request.param]])
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])  # `main` sets it
        write_numbers(Path("numbers"))
        yield Path.cwd()


def write_numbers(folder):
    folder.mkdir()
    numbers = random.Random(1).sample(range(10_000), sum(ROWS.values()))
    for split, rows in ROWS.items():
        split_numbers, numbers = numbers[:rows], numbers[rows:]
        words = [" ".join(WORDS[int(digit)] for digit in str(number)) for number in split_numbers]
        (folder / f"{split}.words").write_text("".join(f"{text}\n" for text in words))
        (folder / f"{split}.digits").write_text("".join(f"{number}\n" for number in split_numbers))


@pytest.fixture
def one_family(request):
    """For what no family changes."""
    if request.node.callspec.params["workplace"] != "transformer":
        pytest.skip("tested with the Transformer")


@pytest.fixture(scope="module")
def fitted(workplace, one_replica):
    """The run, and what training it printed; of the Transformer on two replicas."""
    devices = contextlib.nullcontext() if "lstm" not in FIT else one_replica()
    with contextlib.redirect_stdout(io.StringIO()) as printed, devices:
        assert main.main(FIT) == 0
    return runs.load("numbers"), printed.getvalue()


@pytest.fixture(scope="module")
def run(fitted):
    return fitted[0]


@pytest.fixture(scope="module")
def exported(run):
    """The export's version folder, and what writing it printed."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert main.main(["export", "numbers"]) == 0
    return Path("saved_models/numbers/1"), printed.getvalue()


@pytest.fixture(scope="module")
def predictors(run, exported):
    return pipelines.load("numbers"), pipelines.load("saved_models/numbers")


def strict_json(path):
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


def test_fit_reports_on_the_validation_split(fitted):
    run, printed = fitted
    report = strict_json(run.path / "report.json")
    assert report["task"] == "translation"
    assert report["split"] == "validation"
    assert report["primary"] == {"metric": "bleu", "higher_is_better": True}
    assert {"bleu", "chrf", "exact_match", "loss", "perplexity", "token_accuracy"} <= report["metrics"].keys()
    assert report["baselines"]["copy the source"]["exact_match"] == 0
    assert report["comparisons"].keys() == report["baselines"].keys()
    losses, signatures = report["tables"]
    history = strict_json(run.path / "history.json")
    assert losses["rows"][1][3:] == pytest.approx(
        [history[-1]["train_loss"], history[-1]["val_loss"], history[-1]["val_loss"] - history[-1]["train_loss"]]
    )
    assert signatures["title"] == "signatures"
    assert {example["kind"] for example in report["examples"]} == {"best", "median", "worst"}
    assert report["command"] == f"tfmodels {' '.join(FIT)}"
    assert report["notes"][0].startswith("30 pairs, none left out")
    assert report["parameters"] > 0 and report["train_seconds"] > 0
    assert "copy the source" in printed
    assert "tfmodels export numbers" in printed


def test_fit_leaves_all_that_the_run_needs(run):
    prepared = ["data_files.json", "digests.json", "options.yaml", "subwords.model", "test", "train", "validation"]
    assert sorted(path.name for path in run.assets.iterdir()) == prepared
    assert [row["step"] for row in strict_json(run.path / "history.json")] == [4, 8]
    assert (run.path / "curves.png").stat().st_size > 1_000
    assert (run.path / "config.yaml").is_file()


@ONE_FAMILY
@pytest.mark.slow
def test_the_same_command_reports_again_without_training_again(run):
    history = (run.path / "history.json").read_text()
    checkpoints = {path: path.stat().st_mtime_ns for path in run.checkpoints.rglob("*") if path.is_file()}
    report = strict_json(run.path / "report.json")
    (run.path / "report.json").unlink()
    assert main.main(FIT) == 0
    assert strict_json(run.path / "report.json") == report
    assert (run.path / "history.json").read_text() == history
    assert {path: path.stat().st_mtime_ns for path in run.checkpoints.rglob("*") if path.is_file()} == checkpoints


@ONE_FAMILY
def test_other_settings_are_refused_with_the_difference(run, capsys):
    assert main.main([*FIT, "--training.seed", "2", "--transformer.dropout", "0.5"]) == 2
    message = capsys.readouterr().err
    assert "training.seed: 1 in the run, 2 now" in message
    assert "transformer.dropout: 0.0 in the run, 0.5 now" in message
    assert "d_model" not in message
    assert "--run numbers-2" in message and "--overwrite" in message
    assert runs.load("numbers").config == run.config


def test_the_export_is_whole_and_can_be_served(exported):
    version, printed = exported
    assert [path.name for path in version.parent.iterdir()] == ["1"]
    assert "Export: saved_models/numbers/1, checked." in printed
    card = strict_json(version / "assets.extra/tfmodels.json")
    assert (card["task"], card["columns"]) == ("translation", ["text"])
    assert card["decoding"].keys() > {"beam_size", "coverage_penalty", "no_repeat_ngram", "max_length"}
    page = (version / "assets.extra/model_card.md").read_text()
    for endpoint in ENDPOINTS:
        assert endpoint in page
        assert endpoint in printed
    assert "Translates words to digits" in page and "searched for with beam_size" in page
    assert "tfmodels predict saved_models/numbers --input FILE --output FILE\n" in printed  # no row of the data


@ONE_FAMILY
def test_the_export_holds_no_name_of_this_machine(exported, workplace):
    content = b"".join(path.read_bytes() for path in exported[0].rglob("*") if path.is_file())
    assert str(workplace).encode() not in content


@ONE_FAMILY
@pytest.mark.slow
def test_run_and_export_answer_alike_on_the_command_line(exported, capsys):
    Path("texts.txt").write_text("".join(f"{text}\n" for text in TEXTS))
    assert main.main(["predict", "numbers", *TEXTS]) == 0
    lines = capsys.readouterr().out
    assert main.main(["predict", "saved_models/numbers", "--input", "texts.txt", "--output", "answers.txt"]) == 0
    assert Path("answers.txt").read_text() == lines
    assert "4 predictions" in capsys.readouterr().out
    first, _, of_nothing, *_ = lines.split("\n")
    assert first and not of_nothing
    assert lines.count("\n") == len(TEXTS)


def test_run_and_export_answer_alike_in_python(predictors):
    options = {"max_length": 5, "length_penalty": 0.5, "prefix": "7", "coverage_penalty": 0.2}
    chance = {"seed": 7, "temperature": 1.5, "top_k": 20, "top_p": 0.9}
    rows = [{"text": text, "target": "12", **options, **chance} for text in TEXTS]
    in_run, in_export = predictors
    for endpoint in ENDPOINTS:
        for one, other in zip(in_run.predict(rows, endpoint), in_export.predict(rows, endpoint), strict=True):
            assert one.keys() == other.keys()
            for name, value in one.items():
                if name in ("score", "attention"):
                    np.testing.assert_allclose(value, other[name], rtol=1e-4, atol=1e-5)
                else:
                    assert value == other[name]


@ONE_FAMILY
@pytest.mark.parametrize("packed", [False, True])
def test_scores_of_run_and_export_on_the_command_line(predictors, capsys, packed):
    pairs = [("seven", "7"), ("one two", "12"), ("one two", "345"), ("four", ""), ("", "語")]
    text = "".join(f"{source}\t{target}\n" for source, target in pairs)
    path = Path("pairs.tsv.gz" if packed else "pairs.tsv")
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    assert main.main(["score", "numbers", "--input", str(path)]) == 0
    printed = capsys.readouterr()
    assert main.main(["score", "saved_models/numbers", "--input", str(path), "--output", "scores.txt"]) == 0
    told = capsys.readouterr().out
    rows = [{"text": source, "target": target} for source, target in pairs]
    expected = predictors[0].predict(rows, "score")
    for lines in (printed.out.splitlines(), Path("scores.txt").read_text().splitlines()):
        scores, lengths = zip(*(line.split("\t") for line in lines), strict=True)
        np.testing.assert_allclose([float(score) for score in scores], [row["score"] for row in expected], atol=1e-4)
        assert [int(length) for length in lengths] == [row["length"] for row in expected]
    total = sum(row["score"] for row in expected)
    mean = total / sum(row["length"] + 1 for row in expected)
    assert "5 scores in scores.txt" in told
    for summary in (printed.err, told):
        numbers = [float(number) for number in re.findall(r"-?\d+\.\d+", summary.splitlines()[-1])]
        np.testing.assert_allclose(numbers, [total, mean, np.exp(-mean)], rtol=1e-3)


def test_the_score_of_a_target_is_its_loss(run, predictors):
    """Teacher forcing, as in training, finds the same probability."""
    row = {"text": "one two", "target": "12"}
    answer = predictors[0].predict([row], "score")[0]
    generator = seq2seq.load_generator(run.config, run)
    source, target = (generator.subwords.ids(tf.constant([row[side]]), 20).numpy() for side in ("text", "target"))
    inputs, targets, _ = data.teacher_forced(source, target)
    logits = generator.network(inputs, training=False)
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
    np.testing.assert_allclose(answer["score"], -np.sum(loss), rtol=1e-4)
    assert answer["length"] == target.size - 1


@ONE_FAMILY
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("one\t1\ntwo 2\n", "0 tabs, pairs.tsv, line 2"),
        ("one\t1\t\n", "2 tabs, pairs.tsv, line 1"),
        ("one\t1\n\n", "empty line, pairs.tsv, line 2"),
        ("", "an empty file, pairs.tsv"),
    ],
)
def test_pairs_that_are_none_are_named(workplace, capsys, content, message):
    Path("pairs.tsv").write_text(content)
    assert main.main(["score", "nowhere", "--input", "pairs.tsv"]) == 2
    assert message in capsys.readouterr().err


@ONE_FAMILY
def test_the_export_answers_by_name(exported, predictors):
    answers = export.load("saved_models/numbers").call("serving_default", text=TEXTS)
    assert [text.decode() for text in answers["text"]] == [row["text"] for row in predictors[1].predict(TEXTS)]
    assert answers["length"].dtype == np.int32 and answers["score"].dtype == np.float32


def test_explain_writes_pictures_and_numbers(run, capsys):
    assert main.main(["explain", "numbers", "one two"]) == 0
    files = [Path(line) for line in capsys.readouterr().out.splitlines()]
    encoder = ["encoder_attention.png"] if run.config.model == "transformer" else []
    assert [file.name for file in files] == ["cross_attention.png", *encoder, "numbers.json"]
    assert all(file.parent == run.path / "explain" for file in files)
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in files[:-1])
    numbers = strict_json(files[-1])
    assert numbers["source"] == "one two"
    for tokens in numbers["tokens"].values():
        assert tokens[-1] == "</s>" and all(tokens)  # no padding is drawn
    (maps,) = map(np.array, numbers["attention"].values())
    assert maps.shape == (2, len(numbers["tokens"]["target"]), len(numbers["tokens"]["source"]))
    np.testing.assert_allclose(maps.sum(axis=-1), 1.0, atol=1e-5)


@ONE_FAMILY
@pytest.mark.slow
def test_several_pictures_need_a_folder(run, capsys):
    assert main.main(["explain", "numbers", "one", "--output", "one.png"]) == 2
    assert "Expected a folder" in capsys.readouterr().err
    assert main.main(["explain", "numbers", "one", "--output", "pictures/new"]) == 0
    assert len(list(Path("pictures/new").iterdir())) == 3


def with_option(option, value):
    """The command, for a run of another name."""
    arguments = [*FIT, "--run", "mistake"]
    if option not in arguments:
        return [*arguments, option, value]
    arguments[arguments.index(option) + 1] = value
    return arguments


@ONE_FAMILY
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (with_option("--data", "nowhere"), "nowhere"),
        (with_option("--source", "xx"), "train split in language 'xx'"),
        (with_option("--data", "cldr"), "locale='words'"),
        (with_option("--decoding.beam_sise", "3"), "--decoding.beam_sise (did you mean --decoding.beam_size?)"),
        (with_option("--trainig.steps", "3"), "did you mean --training.steps?"),
        (with_option("--training.steps", "-3"), "at least 0"),
        (with_option("--training.schedule", "cosin"), "inverse_sqrt, cosine"),
        (with_option("--vocabulary_size", "60"), "vocabulary_size to be at least"),
        pytest.param(
            with_option("--training.precision", "float16"), "on a CPU, which only emulates float16", marks=NO_GPU
        ),
        (with_option("--transformer.positions", "polar"), "polar"),
        (with_option("--decoding.no_repeat_ngram", "-1"), "no_repeat_ngram=-1"),
        (with_option("--decoding.coverage_penalty", "-0.5"), "coverage_penalty=-0.5"),
        (with_option("--lstm.num_layers", "3"), "lstm.num_layers only with model=lstm"),
        (["score", "nubmers", "--input", "pairs"], "did you mean numbers?"),
        (["score", "numbers", "--input", "nowhere.tsv"], "nowhere.tsv"),
        *[([command, "nubmers"], "did you mean numbers?") for command in ("evaluate", "export")],
        *[([command, "nubmers", "one"], "did you mean numbers?") for command in ("explain", "predict")],
        (["predict", "numbers/nowhere", "one"], "Received: 'numbers/nowhere'"),
        (["predict", "numbers", "one"], "Expected a SavedModel"),
        (["predict", "saved_models/numbers", "--input", "nowhere.txt"], "nowhere.txt"),
    ],
)
def test_a_mistake_is_told_in_one_line_and_leaves_nothing(exported, capsys, arguments, message, monkeypatch):
    if arguments == ["predict", "numbers", "one"]:
        monkeypatch.setattr(run_folders, "ROOT", Path("elsewhere"))  # only the folder of the texts has that name then
    Path("pairs").write_text("one\t1\n")
    assert main.main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("tfmodels: error: ")
    assert error.count("\n") == 1
    assert message in error
    assert not Path("runs/mistake").exists()


@ONE_FAMILY
@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("train.words", b"one\n", "1 lines in odd/train.words, 200 lines in odd/train.digits"),
        ("val.digits", b"1\n\n" + 28 * b"2\n", "empty line, odd/val.digits, line 2"),
        ("test.words", b"one\ntw\xff\n", "byte 0xff at position 2 of the line, odd/test.words, line 2"),
    ],
)
def test_a_fault_in_the_texts_is_found_before_any_work(workplace, capsys, name, content, message, tmp_path):
    odd = Path("odd")
    odd.symlink_to(tmp_path / "odd")
    write_numbers(tmp_path / "odd")
    (odd / name).write_bytes(content)
    assert main.main(with_option("--data", "odd")) == 2
    odd.unlink()
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not Path("runs/mistake").exists()


@ONE_FAMILY
def test_a_trained_run_outlives_a_mistake(run, capsys):
    Path("numbers").rename("moved")
    assert main.main(FIT) == 2
    Path("moved").rename("numbers")
    assert "numbers/test.words\n  ... and 1 more\nPut them back" in capsys.readouterr().err
    assert (run.path / "report.json").is_file()


@ONE_FAMILY
def test_predict_wants_texts_or_a_file(workplace, capsys):
    assert main.main(["predict", "numbers", "one", "--input", "texts.txt"]) == 2
    assert "either texts, --input FILE, or texts at standard input" in capsys.readouterr().err


@ONE_FAMILY
@pytest.mark.parametrize("command", [["evaluate"], ["export"], ["predict"], ["explain"], ["score"]])
def test_a_run_that_stopped_before_it_trained_says_so(workplace, capsys, command):
    runs.create("translation", translation.Config(), "stopped")
    Path("pairs.tsv").write_text("one\t1\n")
    more = {"predict": ["one"], "explain": ["one"], "score": ["--input", "pairs.tsv"]}
    assert main.main([*command, "stopped", *more.get(command[0], [])]) == 2
    error = capsys.readouterr().err
    assert "`tfmodels fit`" in error
    assert error.count("\n") == 1
