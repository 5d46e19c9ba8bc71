import re

from tfmodels import export


def test_the_card_tells_what_it_is_and_how_to_ask(lexicon_folder):
    page = (lexicon_folder / "1" / "assets.extra" / "model_card.md").read_text(encoding="utf-8")
    assert "Task: lexicon." in page
    assert "- Knows two words." in page
    assert "| input | `text` | string | [batch] |" in page
    assert "| output | `weight` | float32 | [batch] |" in page
    assert re.search(r"TensorFlow \d+\.\d+", page)


def test_the_python_call_of_the_card_runs(lexicon_folder, monkeypatch):
    page = (lexicon_folder / "1" / "assets.extra" / "model_card.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)[1].replace("[...]", '["two"]')
    monkeypatch.chdir(lexicon_folder.parent)
    *imports, call = code.strip().splitlines()
    answer = eval(call, {"export": export})
    assert imports[0] == "from tfmodels import export"
    assert answer["translation"].tolist() == [b"zwei"]
