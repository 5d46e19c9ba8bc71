import re

import tensorflow as tf

from tfmodels import export


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


def test_the_python_call_of_the_card_runs(lexicon_folder, monkeypatch):
    page = (lexicon_folder / "1" / "assets.extra" / "model_card.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)[1].replace("[...]", '["two"]')
    monkeypatch.chdir(lexicon_folder.parent)
    *imports, call = code.strip().splitlines()
    outputs = eval(call, {"export": export})
    assert imports[0] == "from tfmodels import export"
    assert outputs["translation"].tolist() == [b"zwei"]
