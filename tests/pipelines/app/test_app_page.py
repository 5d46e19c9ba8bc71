"""The page in a browser, and what its panels show: what `predict` gives."""

import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from opened_page import ask, open_page
from running_server import running

import pipelines
from pipelines.app import opening, panel, same_request
from pipelines.app.panels import form
from pipelines.cli import main
from tfmodels import export

ROOT = Path(pipelines.__file__).parents[1]
TEXT = "a fine <script>alert(1)</script> film, **not** a [dull](http://example.invalid/) one"


@pytest.fixture(scope="module")
def sentiment(exports):
    return opening.export("sentiment", str(exports / "sentiment"))


@pytest.fixture(scope="module")
def served(exports):
    with running(exports / "sentiment") as server:
        yield server


def test_a_classifier_answers_in_the_browser_as_predict_does(sentiment, visit):
    wanted = sentiment.predictor.predict(TEXT)
    with open_page(sentiment) as url:
        page = visit(url, width=400)
        page.locator("#panel-ask").get_by_label("Text").fill(TEXT)
        assert ask(page).endswith(f"serving_default of {sentiment.address}")
        assert (
            page.locator("#panel-ask").get_by_label("Label").input_value()
            == f"{wanted['label']}, {wanted['probability']:.4f}"
        )
        bars = page.get_by_test_id("label-output-value")
        assert "script" in page.locator("body").inner_text()  # as a text
        assert bars.count() or "%" in page.locator("body").inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        page.get_by_role("button", name="Endpoint explain").focus()
        page.keyboard.press("Enter")
        explain = page.locator("#panel-explain")
        explain.get_by_label("text (text)").fill("grey")
        assert "explain of" in ask(page, "explain")
        shown = explain.locator(".cm-content").locator("visible=true").first.inner_text()
        assert json.dumps(sentiment.predictor.predict("grey", "explain")["label"]) in shown


def test_a_form_reads_what_is_written_as_predict_does(exports):
    model = opening.export("translation", str(exports / "translation"))
    values = dict.fromkeys(model.predictor.endpoints["sample"].inputs, "")
    values |= {"text": "May 5", "seed": "7", "temperature": "0.5", "top_k": "2", "top_p": "0.0"}
    found, said = panel.answered(form.of("sample"), model, values)
    row = {"text": "May 5", "seed": 7, "temperature": 0.5, "top_k": 2, "top_p": 0.0}
    assert json.loads(found["answer"]) == model.predictor.predict(row, "sample")
    assert "sample of" in said[0]
    with pytest.raises(ValueError, match=r"Expected seed \(int64\). Received: seed='x'"):
        panel.answered(form.of("sample"), model, values | {"seed": "x"})


def test_the_lines_ask_the_same(exports, sentiment, served, monkeypatch):
    monkeypatch.chdir(exports.parent)
    model = opening.of("saved_models/sentiment", "export", sentiment.predictor, "")
    for asked, rows in ((model.asked(), ["it's <b>"]), (model.asked("explain"), ["a" * 3_000])):
        wanted = model.predictor.predict(rows, asked.endpoint)
        found = same_request.lines(model, asked, rows)
        Path(same_request.FILE).write_text(found.body)
        printed = []
        exec(found.python, {"print": printed.append})
        assert printed == [wanted]
        assert found.is_long == (same_request.FILE in found.python)
        curl = shlex.split(found.curl.splitlines()[-1])
        body = Path(curl[3][1:]).read_bytes() if found.is_long else curl[3].encode()
        address = curl[1].replace("http://localhost:8501", served.rest)
        with urllib.request.urlopen(address, body, timeout=60) as answer:
            got = json.loads(answer.read())["predictions"]
        assert [one["label"] for one in got] == [one["label"] for one in wanted]


def test_a_model_on_a_server_has_its_panel_by_its_card(exports, served):
    from pipelines.app import page
    from pipelines.runs import predictor

    url = f"{served.rest}/v1/models/sentiment"
    with predictor.connect(url, timeout=30) as connected:
        opening.add_card(connected, exports / "sentiment")
        model = opening.of(url, "server", connected, "")
        found, said = panel.answered(page.panel_of(model), model, {"text": "fine"})
        assert found["label"].startswith(model.predictor.predict("fine")["label"])
        assert said[1].startswith(f"curl {url}:predict -d ")


def test_a_saved_model_of_others_has_forms(exports, tmp_path):
    import shutil

    shutil.copytree(exports / "sentiment" / "1", tmp_path / "theirs" / "1")
    (tmp_path / "theirs" / "1" / "assets.extra" / "tfmodels.json").unlink()
    model = opening.export("theirs", str(tmp_path / "theirs"))
    assert model.task is None
    found, _ = panel.answered(form.of("serving_default"), model, {"text": "fine"})
    wanted = export.load(exports / "sentiment").call("serving_default", text=["fine"])
    assert json.loads(found["answer"])["label"] == wanted["label"][0].decode()


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        ([], 2, "Expected a run, an export, a folder of exports, or a --url"),
        (["nowhere", "--port", "0"], 2, "Received: folder=nowhere"),
        (["nowhere", "--card", "c.json"], 2, "Expected --card with --url"),
        (["nowhere", "--timeout", "3"], 2, "with --url"),
        (["nowhere", "--auth", "me"], 2, "Expected --auth USER:PASSWORD"),
        (["nowhere", "--port", "99999"], 2, "Expected a free port; choose another with --port"),
        (["nowhere", "--host", "192.0.2.1"], 2, "Received: port=7860"),
        (["--url", "http://127.0.0.1:9/v1/models/m", "--port", "0"], 1, "connection refused"),
        (["--url", "http://127.0.0.1:9", "--port", "0"], 2, "Expected a model's name"),
    ],
)
def test_a_mistake_with_a_page_is_one_sentence(tmp_path, monkeypatch, capsys, options, status, message):
    monkeypatch.chdir(tmp_path)
    assert (
        main.main(["app", *options, *([] if "--host" in options or "--port" in options else ["--port", "0"])]) == status
    )
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert message in lines[0]


def test_ctrl_c_ends_a_page_and_deletes_its_files(exports, tmp_path):
    command = [sys.executable, "-m", "tfmodels", "app", str(exports / "sentiment"), "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True)
    try:
        line = child.stdout.readline()
        assert "The page is at http://127.0.0.1:" in line
        with urllib.request.urlopen(line.split()[4], timeout=30) as answer:
            assert answer.status == 200
        assert any(tmp_path.iterdir())
        child.send_signal(signal.SIGINT)
        assert child.wait(10) == 0
        assert not any(tmp_path.iterdir())
    finally:
        child.kill()


def test_a_page_serves_no_file_of_the_machine_and_asks_for_the_password(sentiment, exports):
    with open_page(sentiment, auth=("me", "secret")) as url:
        for path in ("gradio_api/info", "config"):
            with pytest.raises(urllib.error.HTTPError, match="401"):
                urllib.request.urlopen(url + path, timeout=30)
    with open_page(sentiment) as url:
        for file in ("/etc/passwd", str(exports / "sentiment" / "1" / "saved_model.pb"), tempfile.gettempdir()):
            with pytest.raises(urllib.error.HTTPError, match=r"40[34]"):
                urllib.request.urlopen(f"{url}gradio_api/file={file}", timeout=30)
