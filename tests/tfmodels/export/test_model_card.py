import json
import re
import shlex
import shutil
from urllib.request import Request, urlopen

import numpy as np
import pytest
import tensorflow as tf
from running_server import running

from tfmodels import export
from tfmodels.export import example_call
from tfmodels.export.card_file import read_card
from tfmodels.export.graph.field import Field
from tfmodels.export.graph.meta_graph import read_meta_graph
from tfmodels.export.graph.signature import Signature
from tfmodels.export.model_card import model_card
from tfmodels.export.runners.session_runner import SessionRunner


def test_the_card_describes_task_and_endpoints(lexicon_folder):
    page = (lexicon_folder / "1" / "assets.extra" / "model_card.md").read_text(encoding="utf-8")
    assert "Task: lexicon." in page
    assert "- Knows two words." in page
    assert "| input | `text` | string | [batch] |" in page
    assert "| output | `weight` | float32 | [batch] |" in page
    assert re.search(r"TensorFlow \d+\.\d+", page)


def test_the_card_lists_the_ops_a_server_needs(lexicon_folder):
    page = (lexicon_folder / "1" / "assets.extra" / "model_card.md").read_text(encoding="utf-8")
    servers = page.partition("## Servers")[2].partition("## ")[0]
    assert f"Written by TensorFlow {tf.__version__}." in servers
    assert re.search(r"- TensorFlow: .*`HashTableV2`.*`LookupTableFindV2`", servers)
    assert "- TensorFlow Text: none" in servers
    assert "but on no server" in servers
    assert "On TensorFlow\nServing 2.20 (library 2.21) the exchanges of `tests/tfmodels/serving`" in servers
    assert "TFMODELS_MODEL_SERVER=" in servers


def test_the_calls_of_the_card_come_first_and_run_as_printed(lexicon_folder, tmp_path, monkeypatch):
    """The folder has a name that a shell, a URL and Python each quote in their own way."""
    folder = tmp_path / "it's 50 %"
    shutil.copytree(lexicon_folder, folder)
    page = rewritten(folder)
    monkeypatch.chdir(tmp_path)
    assert page.index("```sh") < page.index("Task: lexicon.")
    serve, curl = re.search(r"```sh\n(.*)\n(curl .*)\n```", page).groups()
    assert shlex.split(serve) == ["tfmodels", "serve", folder.name]
    _, url, option, body = shlex.split(curl)
    with running(shlex.split(serve)[2]) as server:
        request = Request(url.replace("http://localhost:8501", server.rest), body.encode())
        answered = json.load(urlopen(request, timeout=60))["outputs"]
    assert option == "-d" and json.loads(body) == {"inputs": {"text": ["one"]}}
    assert answered == {"id": [1], "translation": ["eins"], "weight": [1.5]}
    assert json.loads(re.search(r"```json\n(.*)\n```", page)[1]) == answered
    *imports, call = re.search(r"```python\n(.*?)```", page, re.DOTALL)[1].strip().splitlines()
    assert imports[0] == "from tfmodels import export"
    assert eval(call, {"export": export})["translation"].tolist() == [b"eins"]


def test_the_card_says_how_a_version_is_asked(lexicon_folder, tmp_path, monkeypatch):
    """Of two versions the newest answers what is printed; the other one is asked as the card says."""
    folder = tmp_path / "two"
    for number in ("1", "2"):
        shutil.copytree(lexicon_folder / "1", folder / number)
    page = rewritten(folder)
    monkeypatch.chdir(tmp_path)
    path, address = re.search(r"Version N is `(.*?)`.* its address is `(.*?)`\.", page).groups()
    curl = re.search(r"\ncurl (\S+)", page)[1]
    assert export.load("two").path.name == "2" and export.load(path.replace("N", "1")).path.name == "1"
    with running("two/1") as server:
        for url in (curl, address.replace("N", "1")):
            request = Request(url.replace("http://localhost:8501", server.rest), b'{"inputs": ["one"]}')
            assert json.load(urlopen(request, timeout=60))["outputs"]["translation"] == ["eins"]


def rewritten(folder):
    """The page of the export under the name of a copy of its folder."""
    version = folder / "1"
    with SessionRunner(version) as session:
        row = example_call.example_row(session.endpoints["serving_default"], {"text": "one"})
        example = example_call.example_text(folder.name, "serving_default", row, session.call("serving_default", **row))
    return model_card(folder.name, read_card(version), read_meta_graph(version), example)


def test_the_call_with_many_values_takes_them_from_the_export(lexicon_folder, monkeypatch):
    rows = {"text": np.array([b"one" * 500], object)}
    text = example_call.example_text(lexicon_folder.name, "serving_default", rows, {})
    monkeypatch.chdir(lexicon_folder.parent)
    names = {}
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1].replace("model.call", "answered = model.call")
    exec(code, names)
    assert names["answered"]["translation"].tolist() == [b"eins"]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_json_lacks_are_no_example(value):
    signature = Signature({"x": Field("x", "float32", (None, 2))}, {})
    row = example_call.example_row(signature, {"x": [1.0, value]})
    assert row["x"].shape == (1, 2) and np.isfinite(row["x"]).all()
    taken = example_call.example_row(signature, {"x": [0.1, 2.5]})
    assert example_call.values_of(taken) == {"x": [[0.1, 2.5]]}


def test_a_request_that_no_shell_takes_is_not_printed():
    rows = {"x": np.zeros([1, 20_000])}
    assert "too long to be printed" in example_call.example_text("a", "serving_default", rows, {})


def test_the_card_tells_scores_data_and_options(lexicon_folder):
    scored = {"split": "test", "rows": 1200, "metrics": {"bleu": 40.41, "loss": None}, "primary": {"metric": "bleu"}}
    card = {
        "task": "lexicon",
        "license": "CC BY 4.0",
        "intended_use": "Menus, not contracts.",
        "not_measured": ["Other data."],
        "scores": {
            "note": "On the test split: bleu 40.4.",
            "command": "tfmodels evaluate saved_models/lexicon",
            "splits": [scored | {"baseline": {"name": "copy | paste", "metrics": {"bleu": 0.6}}}],
        },
        "data": {
            "name": "my/texts",
            "prepared": "ab12",
            "files": [{"name": "train`\n.en", "bytes": 31234, "sha256": "cd34"}],
            "synthetic": False,
        },
        "config": {"seed": 1, "mark": "```\n# Not a title"},
        "changed": ["mark"],
    }
    page = model_card("lexicon", card, read_meta_graph(lexicon_folder / "1"))
    assert "| test | 1,200 | bleu | 40.41 | 0.6 | copy \\| paste |" in page
    assert "| test | 1,200 | loss |  |  |  |" in page  # the baseline has no loss
    assert "Data: `my/texts`, as prepared with SHA-256 `ab12`." in page
    assert "| `train' .en` | 31,234 | `cd34` |" in page
    assert page.index("Other than by default:") < page.index('mark: "```\\n# Not a title"') < page.index("seed: 1")
    for title, text in (("Licence", "CC BY 4.0"), ("Intended use", "> Menus, not contracts.")):
        assert f"## {title}\n\n{text}\n" in page
    assert "Not measured:\n\n- Other data." in page
    unstated = model_card("lexicon", {"task": "lexicon"}, read_meta_graph(lexicon_folder / "1"))
    assert unstated.count("Not stated") == 2 and "## Scores" not in unstated and "## Options" not in unstated
