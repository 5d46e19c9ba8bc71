"""Where the rows of users lie, as the page on privacy says: all that the commands write is searched for marked rows.

A marker is a phrase (a row), a word (which a vocabulary may hold), a number, or the text of a column that is not used.
"""

import contextlib
import gzip
import hashlib
import io
import re
import socket
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")
ROW, WORD, UNUSED, FOLDER = "zebrafink sang", "zebrafink", "okapi7", "heronfolder"  # the last: where the data lies
NAME, CATEGORY, NUMBER, USER = "quagga", "xylocopa", 7654.321, "wombat"
PATIENT, VARIABLE = "numbat", "axolotl"
FEW = [f"--training.{option}" for option in ("steps=4", "interval=2", "warmup_steps=1", "replicas=1")]
SMALL = {
    family: [f"--{family}.{size}" for size in ("d_model=8", "num_layers=1", *others)]
    for family, others in {"transformer": ("num_heads=2", "feed_forward_dim=8"), "lstm": ()}.items()
} | {"linear": []}
EXTRA = ("tf_serving_warmup_requests", "model_card.md", "tfmodels.json")
REPORT = ("report.json", "report.rows.json")
KEPT = {f"assets.extra/{name}" for name in EXTRA}  # where an export holds rows, if it was asked to
FITS = {
    "reviews": f"classification --data {FOLDER}/reviews.csv --text review --label stars --wide true --ngrams 2",
    "pairs": f"translation --data {FOLDER}/pairs.tsv --source en --target de --vocabulary_size 300",
    "load": f"forecasting --data {FOLDER}/load.csv --time when --series shop --target sold --known promo "
    "--model linear --frequency h --horizon 4 --context 12 --baselines fast",
    "asked": f"question_answering --data {FOLDER}/asked.csv --model lstm --vocabulary_size 300",
    "bought": f"recommendation --data {FOLDER}/bought.csv --max_length 8 --baselines fast",
    "stays": f"clinical --data {FOLDER}/stays.csv --labels_file {FOLDER}/died.csv --labels died --model lstm "
    "--static_variables ward",
}


def write_data(folder):
    folder.mkdir()
    reviews = [f"{UNUSED},{WORD} {verb} on day {day},{verb}" for day in range(60) for verb in ("sang", "slept")]
    (folder / "reviews.csv").write_text("\n".join(["id,review,stars", *reviews]))
    letters = [f"{one} and {two}" for one in "abcdefghij" for two in "klmnopqrst"]
    verbs = [(" sang", " sang"), ("", " slept")]  # the word stands alone, too, so that it is a piece of its own
    pairs = [f"{one} {WORD}{verbs[n % 2][0]}\t{WORD}{verbs[n % 2][1]} {one}" for n, one in enumerate(letters)]
    (folder / "pairs.tsv").write_text("\n".join(["en\tde", *pairs]))
    hours = [f"2024-01-{day:02} {hour:02}:00" for day in range(1, 9) for hour in range(24)]
    sold = [NUMBER if place % 3 else 7000.5 + place % 24 for place in range(len(hours))]
    rows = [
        f"{hour},{shop},{value},{CATEGORY if place % 5 else 'none'},{UNUSED}"
        for shop in (NAME, "brahms")
        for place, (hour, value) in enumerate(zip(hours, sold, strict=True))
    ]
    (folder / "load.csv").write_text("\n".join(["when,shop,sold,promo,note", *rows]))
    asked = [f"In {text} a {WORD} sang.,What sang in {text}?,{WORD},{UNUSED}" for text in letters]
    (folder / "asked.csv").write_text("\n".join(["context,question,answer,note", *asked]))
    bought = [f"{USER} {n},{NAME} {(n + day) % 9},2024-01-{day:02},{UNUSED}" for n in range(40) for day in range(1, 9)]
    (folder / "bought.csv").write_text("\n".join(["user_id,item_id,date,note", *bought]))
    wards = [f"{PATIENT} {n},0,ward,{CATEGORY if n % 2 else 'none'},{UNUSED}" for n in range(120)]
    values = [(70.5 + n % 7 if n % 10 or hour else NUMBER, n, hour) for n in range(120) for hour in range(4)]
    measured = [f"{PATIENT} {n},{hour},{VARIABLE},{value},{UNUSED}" for value, n, hour in values]
    (folder / "stays.csv").write_text("\n".join(["stay_id,hours,variable,value,note", *wards, *measured]))
    (folder / "died.csv").write_text("\n".join(["stay_id,died", *(f"{PATIENT} {n},{n % 3 % 2}" for n in range(120))]))


def expanded(content):
    """The bytes of a file, and those that they are compressed of."""
    yield content
    if content[:2] == b"\x1f\x8b":
        yield gzip.decompress(content)
    elif content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield archive.read(name)
    elif content[:4] == b"PAR1":
        import pyarrow.parquet as pq

        yield pq.read_table(io.BytesIO(content)).to_pandas().to_csv().encode()


def forms(marker):
    """How a marker may be written: text in several encodings, a number as text and as the bytes of a float."""
    if isinstance(marker, float):
        return [str(marker).encode(), *(np.array(marker, kind).tobytes() for kind in ("<f4", "<f8", ">f8"))]
    return [marker.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-32-le")]


def found(folder, marker):
    """Files below a folder that hold a marker, without what differs between runs in their paths."""
    places = set()
    for path in filter(Path.is_file, folder.rglob("*")):
        if any(form in content for content in expanded(path.read_bytes()) for form in forms(marker)):
            places.add(re.sub(r"^1/|(?<=^tensorboard/).*", "", path.relative_to(folder).as_posix()))
    return places


@pytest.fixture(scope="module")
def written(tmp_path_factory, one_replica):
    """The working directory after a training and exports of each task, what each command printed, and whom it asked."""
    from pipelines.cli import main

    folder, printed, asked = tmp_path_factory.mktemp("privacy"), {"asked for": ""}, []

    def command(*words):
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
            assert main.main(list(words)) == 0, out.getvalue()
        return out.getvalue()

    with pytest.MonkeyPatch.context() as patch, one_replica():
        patch.chdir(folder)
        (folder / "tmp").mkdir()
        patch.setenv("TMPDIR", str(folder / "tmp"))
        patch.setattr(tempfile, "tempdir", None)
        patch.setattr(socket, "getaddrinfo", lambda *address, **_: asked.append(str(address)))
        patch.setattr(socket.socket, "connect", lambda _, address: asked.append(str(address)))
        write_data(folder / FOLDER)
        for name, words in FITS.items():
            task, *options = words.split()
            family = options[options.index("--model") + 1] if "--model" in options else "transformer"
            printed[name] = command("fit", task, "--run", name, *options, *FEW, *SMALL[family])
            for kept in ("data", "none"):
                printed[name, kept] = command("export", name, "--to", f"{kept}/{name}", "--samples", kept)
        command("predict", "none/reviews", f"{ROW} on day 61")
        printed["asked for"] = "".join(asked)
    return folder, printed


@pytest.mark.slow
def test_what_a_run_and_an_export_hold_of_texts(written):
    folder, printed = written
    run, index = folder / "runs" / "reviews", folder / "runs" / ".index"
    assert found(run, ROW) == named("assets/labels.json", *REPORT)
    assert found(run, WORD) - found(run, ROW) == named("assets/words.json")
    assert restored(run, "text", "train")
    assert found(folder / "runs" / "pairs", ROW) == named(*REPORT)
    assert found(folder / "runs" / "pairs", WORD) - named(*REPORT) == named("assets/subwords.model")
    assert restored(folder / "runs" / "pairs", "source", "train")
    assert not found(index, ROW)
    assert {path.rpartition("/")[2] for path in found(index, WORD)} == {"content"}  # the subwords
    for name in ("reviews", "pairs"):
        assert ROW in printed[name] and "example" in printed[name]
        assert found(folder / "data" / name, ROW) == KEPT
        assert found(folder / "none" / name, ROW) == set()
        assert found(folder / "none" / name, WORD) == named("saved_model.pb")
        assert WORD in printed[name, "data"] and WORD not in printed[name, "none"]


@pytest.mark.slow
def test_what_a_run_and_an_export_hold_of_series(written):
    folder, _ = written
    run = folder / "runs" / "load"
    assert found(run, NAME) == named("assets/series/index.json", *REPORT)
    assert found(run, NUMBER) == named("assets/series/values.npy")
    assert found(run, CATEGORY) == named("assets/inputs.json", "assets/table.json")
    assert "assets.extra/tf_serving_warmup_requests" in found(folder / "data" / "load", NUMBER) <= KEPT
    assert found(folder / "none" / "load", NUMBER) == set()
    for kept in ("data", "none"):
        assert found(folder / kept / "load", NAME) == set()
        assert found(folder / kept / "load", CATEGORY) == named("assets.extra/tfmodels.json")


@pytest.mark.slow
def test_what_a_run_and_an_export_hold_of_questions(written):
    folder, printed = written
    run = folder / "runs" / "asked"
    assert found(run, ROW) == named("assets/questions.json", *REPORT)
    assert restored(run, "context", "train")
    assert found(folder / "data" / "asked", ROW) == KEPT
    assert found(folder / "none" / "asked", WORD) == set()  # in subwords it is in parts alone
    assert not [kept for kept in ("data", "none") if "sang" in printed["asked", kept]]


@pytest.mark.slow
def test_what_a_run_and_an_export_hold_of_events(written):
    folder, _ = written
    assert found(folder / "runs" / "bought", NAME) == named("assets/items.json", "assets/events.json", *REPORT)
    assert found(folder / "none" / "bought", NAME) == named("saved_model.pb", "assets.extra/model_card.md")
    assert found(folder / "data" / "bought", NAME) == KEPT | named("saved_model.pb")
    for place in ("runs", "data", "none"):
        assert found(folder / place, USER) == set()


@pytest.mark.slow
def test_what_a_run_and_an_export_hold_of_measurements(written):
    folder, printed = written
    run = folder / "runs" / "stays"
    assert found(run, PATIENT) == named("assets/measurements.json", *REPORT)
    assert found(run, CATEGORY) == named("assets/measurements.json")
    assert found(run, NUMBER) == named("assets/value.npy")
    for kept in ("data", "none"):
        export = folder / kept / "stays"
        assert found(export, PATIENT) == found(export, NUMBER) == set()
        assert "saved_model.pb" in found(export, VARIABLE) and "saved_model.pb" in found(export, CATEGORY)
        assert PATIENT not in printed["stays", kept]


@pytest.mark.slow
def test_what_is_kept_nowhere(written):
    folder, printed = written
    for marker in (ROW, WORD, NUMBER, NAME):
        assert found(folder, marker)  # the search finds what is there: the data itself
        assert found(folder / "tmp", marker) == set()
    for place in ("runs", "data", "none"):
        assert found(folder / place, UNUSED) == set()
        assert found(folder / place, "day 61") == set()  # what `predict` was asked
    assert UNUSED not in "".join(printed.values())
    assert printed["asked for"] == ""  # no name of a machine was looked up, none was connected to
    for kept in ("data", "none"):
        assert found(folder / kept, str(folder)) == set()
        for name, words in FITS.items():
            file = Path(words.split("--data ")[1].split()[0])
            digest = hashlib.sha256((folder / file).read_bytes()).hexdigest()
            for told in (file.name, digest, FOLDER):  # a relative path as it was typed
                assert found(folder / kept / name, told) == named(
                    "assets.extra/tfmodels.json", "assets.extra/model_card.md"
                )
    described = named("config.yaml", "assets/options.yaml", "assets/data_files.json", "report.json", "tensorboard/")
    for name in FITS:
        assert found(folder / "runs" / name, FOLDER) == described


def restored(run, column, split):
    """Whether the numbers of a split give back its marked rows, with the vocabulary beside them."""
    import tensorflow as tf

    from pipelines import runs
    from pipelines.text import vocabulary
    from tfmodels import training

    rows = training.TokenRows(run / "assets" / split)
    with contextlib.chdir(run.parents[1]):
        tokenizer = vocabulary.read(runs.load(run.name))
    pieces = tokenizer.pieces(tf.constant(rows.padded(column, np.arange(len(rows)), int(rows.lengths[column].max()))))
    texts = [b"".join(row).decode() for row in pieces.numpy()]
    return any(re.search(r"zebrafink\W*sang", text) for text in texts)


def named(*paths):
    """The same paths, each of which the page names."""
    assert not [path for path in paths if f"`{path}`" not in PAGE]
    return set(paths)


def test_a_frame_is_kept_whole(tmp_path, monkeypatch):
    import pyarrow as pa

    from pipelines.runs.frames import stored_frames

    monkeypatch.chdir(tmp_path)
    stored_frames.store(pa.table({"review": [f"{ROW} today"], "id": [UNUSED]}))
    assert found(tmp_path, UNUSED) == found(tmp_path, ROW) != set()
    assert "runs/.frames" in PAGE


def test_the_search_finds_what_is_compressed_or_encoded(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(ROW.encode()))
    (tmp_path / "b").write_bytes(ROW.encode("utf-16"))
    with zipfile.ZipFile(tmp_path / "c.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside", ROW)
    assert found(tmp_path, ROW) == {"a.gz", "b", "c.zip"}
    np.save(tmp_path / "d.npy", np.array([1.0, NUMBER]))
    assert found(tmp_path, NUMBER) == {"d.npy"}
