import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import tfmodels
from pipelines.cli import main
from pipelines.runs import report
from tfmodels import own_pipelines, package_version

ROOT = Path(tfmodels.__file__).parents[1]


def test_a_checkout_has_the_version_of_its_project():
    declared = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]
    assert tfmodels.__version__ == package_version.find() == declared == report.versions()["tfmodels"]


def test_an_installed_package_has_that_of_its_metadata(tmp_path, monkeypatch):
    monkeypatch.setattr(own_pipelines, "ROOT", tmp_path)
    monkeypatch.setattr(metadata, "version", lambda name: {"tfmodels": "9.9"}[name])
    assert package_version.find() == "9.9"
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "other"\nversion = "1"\n')
    assert package_version.find() == "9.9"
    (tmp_path / "pyproject.toml").write_text("[project\n")
    assert package_version.find() == "9.9"


def test_a_copy_without_either_has_none(tmp_path, monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(own_pipelines, "ROOT", tmp_path)
    monkeypatch.setattr(metadata, "version", missing)
    assert package_version.find() == "unknown"


def test_the_command_prints_it(capsys):
    for option in ("--version", "-V"):
        assert main.main([option]) == 0
        assert capsys.readouterr().out == f"tfmodels {tfmodels.__version__}\n"


def test_the_module_prints_it_without_tensorflow(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-X", "importtime", "-m", "tfmodels", "--version"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout == f"tfmodels {tfmodels.__version__}\n"
    assert "tensorflow" not in {line.rpartition("|")[-1].strip() for line in done.stderr.splitlines()}
