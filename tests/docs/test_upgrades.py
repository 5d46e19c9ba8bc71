"""The promises of the page on upgrades that no test beside the code holds."""

import json
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest

from pipelines import runs
from pipelines.runs import old_formats, registry, report
from tfmodels.export import card_file

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "upgrades.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LIBRARIES = {
    "TensorFlow": "tensorflow",
    "Keras": "keras",
    "TensorFlow Text": "tensorflow-text",
    "client of TensorFlow Serving": "tensorflow-serving-api",
}


def test_the_page_names_the_versions_that_are_installed_with_the_package():
    required = dict(re.match(r"([\w-]+)(\S*)", one).groups() for one in PROJECT["dependencies"])
    stated = dict(re.findall(r"^\| ([\w ]+) \| `([^`]+)` \|$", PAGE, re.MULTILINE))
    assert stated == {"Python": PROJECT["requires-python"]} | {name: required[of] for name, of in LIBRARIES.items()}


def test_the_page_names_the_formats_that_are_written():
    assert old_formats.FORMAT == card_file.FORMAT
    assert f"their format: {old_formats.FORMAT} today" in PAGE
    assert f"Expected a run of format {old_formats.FORMAT} or earlier" in PAGE


def test_the_changelog_has_a_section_for_this_version_and_the_ones_before():
    sections = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    version = PROJECT["version"]
    assert sections[0] == (f"Unreleased ({version})" if ".dev" in version else version)
    assert "0.1.0" in sections


def test_a_report_of_a_later_format_is_refused(tmp_path):
    file = tmp_path / "report.json"
    file.write_text(json.dumps({"format": 3, "task": "translation"}))
    with pytest.raises(ValueError, match=r"Expected a report of format 2 or earlier.*format=3"):
        report.read(file)


def test_a_run_opens_from_wherever_its_folder_is_copied(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = runs.create("translation", registry.find("translation").Config(source="fr"))
    shutil.copytree(run.path, tmp_path / "kept" / "mine")
    shutil.rmtree(run.path)
    copy = runs.load(tmp_path / "kept" / "mine")
    assert copy.config == run.config
    assert "runs/translation" not in "".join(file.read_text() for file in copy.path.rglob("*.yaml"))


ALONE = """
import json, sys
import tensorflow as tf, tensorflow_text

version, recorded = sys.argv[1], json.loads(sys.argv[2])
answers = tf.saved_model.load(version).signatures["serving_default"](text=tf.constant(recorded["inputs"]["text"]))
assert not [name for name in sys.modules if name.partition(".")[0] in ("tfmodels", "pipelines")]
for name in ("text", "label"):
    if name in recorded["outputs"]:
        assert [one.decode() for one in answers[name].numpy()] == recorded["outputs"][name], name
        print("compared", name)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["translation", "sentiment"])
def test_an_export_answers_without_this_package(name, tmp_path):
    with tarfile.open(ROOT / "tests" / "fixtures" / "format_1.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    folder = tmp_path / "format_1"
    recorded = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["exports"][name]
    words = [sys.executable, "-c", ALONE, folder / "saved_models" / name / "1", json.dumps(recorded)]
    answer = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert answer.returncode == 0 and "compared" in answer.stdout, answer.stderr
