import os
import subprocess
import sys
from pathlib import Path

import pytest

import tfmodels

ROOT = Path(tfmodels.__file__).parents[1]


@pytest.fixture(params=["pipelines.py", "pipelines/__init__.py", "pipelines/more.py"])
def other(request, tmp_path):
    """A folder with another `pipelines`: a module, a package, or a folder without `__init__.py`."""
    file = tmp_path / request.param
    file.parent.mkdir(exist_ok=True)
    file.write_text("print('wrong')\n")
    return tmp_path


def python(*arguments, cwd, path=""):
    """Runs Python; both packages are on the path, behind `path`."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*filter(None, [path]), str(ROOT)])}
    return subprocess.run([sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True)


def test_the_module_runs_beside_another_pipelines(other):
    done = python("-m", "tfmodels", "--help", cwd=other)
    assert (done.returncode, done.stderr) == (0, "")
    assert "usage: tfmodels" in done.stdout
    assert "wrong" not in done.stdout


def test_the_command_runs_where_another_pipelines_comes_first_on_the_path(other, tmp_path_factory):
    command = "import sys; from tfmodels.__main__ import main; sys.argv[1:] = ['--help']; sys.exit(main())"
    done = python("-c", command, cwd=tmp_path_factory.mktemp("elsewhere"), path=str(other))
    assert (done.returncode, done.stderr) == (0, "")
    assert "usage: tfmodels" in done.stdout
    assert "wrong" not in done.stdout


def test_a_user_s_names_come_from_ours(other):
    done = python("-c", "import sys, tfmodels; print(tfmodels.load.__module__, sys.path[0] == '')", cwd=other)
    assert done.stdout == "pipelines.runs.predictor True\n"


@pytest.mark.parametrize("other", ["pipelines.py", "pipelines/__init__.py"], indirect=True)
@pytest.mark.parametrize("use", ["from tfmodels import load", "from tfmodels.__main__ import main; main()"])
def test_another_pipelines_that_was_imported_before_is_named(other, use):
    done = python("-c", f"import pipelines; {use}", cwd=other)
    assert done.returncode == 1
    message = done.stderr.splitlines()[-1]
    assert message.startswith(
        f"ImportError: Expected the package `pipelines` of tfmodels, {ROOT}/pipelines/__init__.py."
    )
    assert f"Received: {other}/pipelines" in message
