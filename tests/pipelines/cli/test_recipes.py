import re
from pathlib import Path

from pipelines.cli import main
from pipelines.runs import recipe_files


def test_every_recipe_is_listed_by_its_whole_name_with_what_it_scores(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main.main(["recipes"]) == 0
    listed = capsys.readouterr().out
    for name in recipe_files.names():
        header = recipe_files.read(name)["recipe"]
        assert f" {name} " in listed
        assert f" {header['task']} " in listed
        assert header["score"].split()[0] in listed


def test_scores_of_recipes_are_those_of_the_readme():
    rows = (Path(__file__).parents[3] / "README.md").read_text().splitlines()
    alone = r"\| `(\w+)` \| ([^|]*)"
    found = {match[1]: match[2] for row in rows if (match := re.search(alone, row))}
    assert {"m4_hourly", "etth1", "multi30k"} <= set(found)
    for name, score in found.items():
        listed = recipe_files.read(name)["recipe"]["score"]
        assert set(re.findall(r"\d+\.\d+", listed)) <= set(re.findall(r"\d+\.\d+", score)), name
