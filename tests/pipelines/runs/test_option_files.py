import pytest
import yaml

from pipelines import runs
from pipelines.runs import option_files, registry


def test_a_marked_file_is_read_as_an_unmarked_one(tmp_path):
    values = {"task": "a", "training": {"steps": 3}}
    option_files.write(tmp_path / "a.yaml", values)
    (tmp_path / "b.yaml").write_text(yaml.safe_dump(values))
    assert option_files.read(tmp_path / "a.yaml") == option_files.read(tmp_path / "b.yaml") == values


def test_a_part_of_the_options_of_a_run_does_not_pass_for_an_older_file(shout):
    path = runs.create(shout, registry.find(shout).Config(mark="?")).path / "config.yaml"
    whole = path.read_text()
    ends = range(len(whole.rstrip()))
    for end in ends:
        path.write_text(whole[:end])
        with pytest.raises(ValueError, match=r"config\.yaml"):
            runs.load("shout", shout)
    path.write_text(whole)
    assert runs.load("shout", shout).config.mark == "?"
