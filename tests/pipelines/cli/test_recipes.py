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
