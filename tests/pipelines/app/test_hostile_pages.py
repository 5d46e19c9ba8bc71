"""What others send to a page, or put into what it shows."""

import contextlib
import json
import socket
import threading
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from opened_page import answered, ask, open_page, press

from pipelines.app import limits, opening, panel
from pipelines.app.panels import classification, files, form
from pipelines.app.refusals import refusal
from pipelines.runs.predictor import Predictor
from tfmodels import export, serving
from tfmodels.export.graph.field import Field

EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script> **b** [l](javascript:alert(3)) $x$"
LABELS = [f"{EVIL} {number}" for number in range(3)]


def call(endpoint, /, text):
    rows = len(text)
    chosen = np.array([len(one) % 3 for one in text])
    probabilities = np.eye(3, dtype="float32")[chosen] * 0.7 + 0.1
    names = np.array([label.encode() for label in LABELS], object)
    return {"label": names[chosen], "labels": np.stack([names] * rows), "probabilities": probabilities,
            "probability": probabilities.max(axis=1)}  # fmt: skip


def evil(call=call, name=EVIL, **card):
    """A classifier whose names, labels and card are markup and code."""
    shapes = {"label": (None,), "labels": (None, 3), "probabilities": (None, 3), "probability": (None,)}
    outputs = {
        one: Field(one, "string" if one.startswith("label") else "float32", shape) for one, shape in shapes.items()
    }
    signature = export.Signature({"text": Field("text", "string", (None,))}, outputs)
    card = {
        "task": "classification", "columns": ["text"], "table": {"text": "text"}, "description": EVIL, "license": EVIL,
        "limits": [EVIL], "not_measured": [EVIL], "data": {"name": EVIL, "synthetic": False},
        "example": {"endpoint": "serving_default", "inputs": {"text": [EVIL]}},
        "scores": {"note": EVIL, "splits": [
            {"split": EVIL, "rows": 3, "metrics": {EVIL: 0.5}, "baseline": {"name": EVIL, "metrics": {EVIL: 0.4}},
             "tables": [{"title": EVIL, "columns": [EVIL], "rows": [[EVIL]]}]}]},
        **card,
    }  # fmt: skip
    found = Predictor(card, {"serving_default": signature, EVIL: signature}, call)
    return opening.of("saved_models/evil", "export", found, "", name)


def is_text(page):
    """Whether what is shown made no element of the page; scripts that run say so to the fixture `visit`."""
    return not page.locator("img[src=x], a[href^=javascript], strong:text-is('b')").count()


def test_markup_in_texts_labels_names_and_cards_is_shown_as_text(visit, tmp_path):
    model = evil()
    with open_page(model) as url:
        page = visit(url)
        page.locator("#panel-ask").get_by_label("Text").fill(EVIL)
        ask(page)
        wanted = model.predictor.predict(EVIL)
        assert page.locator("#panel-ask").get_by_label("Label").input_value() == f"{wanted['label']}, 0.8000"
        assert page.locator("body").inner_text().count("<script>") > 10
        assert is_text(page)
        (tmp_path / "rows.csv").write_text(f'text,"{EVIL}"\n"{EVIL}","{EVIL}"\n')
        page.get_by_role("button", name="A file").click()
        page.locator("#panel-file input[type=file]").first.set_input_files(tmp_path / "rows.csv")
        page.locator("#panel-file").get_by_text("rows.csv").wait_for()
        ask(page, "file")
        assert is_text(page)
        page.get_by_role("button", name=f"Endpoint {EVIL}").click()
        assert is_text(page)


@pytest.mark.parametrize(
    "card",
    [{"scores": {"splits": [{}]}}, {"scores": 1, "limits": 2, "data": 3}, {"example": [], "description": [EVIL]}],
)
def test_a_card_of_another_form_makes_a_page_all_the_same(card):
    from pipelines.app import page

    assert page.make({"evil": lambda: evil(**card)})


def test_a_body_that_is_too_long_is_refused_before_it_is_read():
    with open_page(evil()) as url:
        for path, size in (("gradio_api/upload", 30), ("gradio_api/queue/join", 30)):
            request = urllib.request.Request(url + path, b"x" * (size * 2**20))
            with pytest.raises((urllib.error.HTTPError, ConnectionError, urllib.error.URLError)) as refused:
                urllib.request.urlopen(request, timeout=60)
            assert getattr(refused.value, "code", 413) == 413
        chunked = urllib.request.Request(f"{url}gradio_api/upload", (b"x" * 2**20 for _ in range(30)))
        with pytest.raises((urllib.error.HTTPError, ConnectionError, urllib.error.URLError)):
            urllib.request.urlopen(chunked, timeout=60)
        assert urllib.request.urlopen(url, timeout=60).status == 200


def test_wide_long_and_empty_tables_are_refused_in_a_sentence(tmp_path):
    tables = {
        "WIDE.CSV": (
            ",".join(f"c{number}" for number in range(10_000)) + "\n",
            "at most 1,000 columns; `tfmodels predict` takes more. Received: 10,000",
        ),
        "letters.txt": ("a\n" + "a" * 100_001, "at most 100,000 characters; `tfmodels predict` takes longer ones"),
        "long.csv": ("text\n" + "a\n" * 1_001, "Expected 1 to 1,000 rows"),
        "empty.csv": ("text\n", "Expected a file with rows"),
    }
    for name, (text, message) in tables.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(ValueError, match=message.replace(".", r"\.")):
            panel.answered(files, evil(), {"file": str(tmp_path / name), "table": ""})
    with pytest.raises(ValueError, match="at most 100,000 characters"):
        panel.answered(form.of("serving_default"), evil(), {"text": "a" * (limits.MOST_LETTERS + 1)})


@contextlib.contextmanager
def silent_server():
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        yield f"http://127.0.0.1:{found.getsockname()[1]}/v1/models/m"


def test_a_server_that_is_gone_or_silent_is_reported_and_the_page_goes_on(visit):
    with silent_server() as silent:
        for address, message in (("http://127.0.0.1:9/v1/models/m", "connection refused"), (silent, "1 s")):
            with serving.Client(address, timeout=1) as client:
                with open_page(evil(partial(_asked, client), name="m")) as url:
                    said = ask(visit(url))
                assert message in said


def _asked(client, endpoint, /, text):
    return client.predict(endpoint, text=text)


def test_an_internal_failure_shows_no_trace(visit, capsys):
    def broken(endpoint, /, text):
        raise RuntimeError("secret /etc/passwd")

    with open_page(evil(broken, name="m")) as url:
        page = visit(url)
        assert ask(page) == "The model failed on this; the terminal of `tfmodels app` says how."
        assert "secret" not in page.locator("body").inner_text()
    assert "secret" in capsys.readouterr().err


def test_two_readers_at_once_get_the_answers_to_what_they_asked(visit):
    met = threading.Barrier(2, timeout=60)

    def together(endpoint, /, text):
        met.wait()  # neither is answered before the other has asked
        return call(endpoint, text=text)

    with open_page(evil(together, name="m")) as url:
        pages = [visit(url), visit(url)]
        for page, text in zip(pages, ("a", "bb"), strict=True):
            page.locator("#panel-ask").get_by_label("Text").fill(text)
        panels = [press(page) for page in pages]
        for shown, label in zip(panels, (LABELS[1], LABELS[2]), strict=True):
            answered(shown)
            assert shown.get_by_label("Label").input_value() == f"{label}, 0.8000"


@pytest.mark.parametrize(
    ("unknown", "end"),
    [(0.0, ""), (0.2, "; the model does not know 20% of the text"),
     (0.5, "; the model does not know 50% of the text: doubt the label")],
)  # fmt: skip
def test_what_a_classifier_does_not_know_is_said(unknown, end):
    answer = {"label": "a", "probability": 0.5, "labels": ["a"], "probabilities": [0.5], "unknown": unknown}
    model = evil()
    found = classification.shown(model, {}, model.asked(), ["x"], [answer])
    assert found["label"] == f"a, 0.5000{end}"


def test_an_error_says_whose_option_helps():
    said = refusal(ValueError("Expected a time. Received: x. Give --time_format"))
    assert "--time_format is an option of `fit`" in said


def test_uploads_and_answers_are_gone_with_the_page(tmp_path):
    from pipelines.app import launching

    with launching.own_folder() as folder:
        (tmp_path / "rows.jsonl").write_text(json.dumps({"text": "a"}))
        found, _ = panel.answered(files, evil(), {"file": str(tmp_path / "rows.jsonl"), "table": ""})
        assert Path(found["download"]).is_relative_to(folder)
    assert not Path(folder).exists()


def test_runs_are_listed_and_those_without_answers_are_not_compared(visit, exports, monkeypatch):
    monkeypatch.chdir(exports.parent)
    with open_page(evil(name="m"), runs=True) as url:
        page = visit(url)
        page.get_by_role("button", name="Runs side by side").click()
        page.get_by_role("button", name="List the runs").click()
        page.get_by_text("translation_lstm").locator("visible=true").first.wait_for()
        page.get_by_role("button", name="Compare those chosen").click()
        refused = page.get_by_label("Not compared")
        refused.wait_for()
        assert refused.input_value() == "Expected two or more different runs or exports. Received: models=()"
