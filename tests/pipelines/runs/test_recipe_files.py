from pathlib import Path

import pytest

from pipelines.cli import main
from pipelines.runs import option_files, recipe_files, registry, settings
from tfmodels.checked_options import families


@pytest.mark.parametrize("name", recipe_files.names())
def test_a_recipe_has_a_header_and_makes_a_config_of_each_family(name):
    values = option_files.read(recipe_files.find(name))
    header = values["recipe"]
    assert header.keys() == {"task", "data", "score", "time"}
    assert all(isinstance(value, str) for value in header.values())
    config_type = registry.find(header["task"]).Config
    config = settings.from_dict(config_type, values)
    for family in families(config_type):
        if family in values:
            assert settings.from_dict(config_type, values | {"model": family}).model == family
    assert settings.from_dict(config_type, settings.to_dict(config)) == config


def test_a_recipe_is_found_by_name_unless_a_file_has_that_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert recipe_files.find("multi30k").name == "multi30k.yaml"
    assert recipe_files.find("own/options.yaml") == Path("own/options.yaml")
    Path("multi30k").touch()
    assert recipe_files.find("multi30k") == Path("multi30k")


def test_recipes_are_listed(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert main.main(["recipes"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in recipe_files.names())
    assert "BLEU 40.4 (test)" in text


def test_a_recipe_of_another_task_is_refused(capsys):
    assert main.main(["fit", "classification", "--config", "multi30k"]) == 2
    assert "--config multi30k, which is for translation" in capsys.readouterr().err
