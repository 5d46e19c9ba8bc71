"""What users of the typed packages see: faults are found in their code, and an installed wheel carries the types."""

import compileall
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
USER = """
import tensorflow as tf

from tfmodels import layers, models
from tfmodels.layers import NoSuchLayer  # expect: missing-module-attribute

models.NoSuchModel()  # expect: missing-attribute
layers.Dense(units="three")  # expect: bad-argument-type
layers.Dense(3, activation="relu", name="head")
layers.DotProductAttention(unknown_option=1)
models.TransformerSeq2Seq("100")  # expect: bad-argument-type


def half(x: tf.Tensor, mask: tf.Tensor | None) -> tf.Tensor:
    x = x[..., 0] % 2
    return x if x.shape.rank else mask  # expect: bad-return
"""


def test_a_users_faults_are_found_and_nothing_else(tmp_path):
    file = tmp_path / "user.py"
    file.write_text(USER)
    config, python = ROOT / "pyproject.toml", ("--python-interpreter-path", sys.executable)
    command = ["pyrefly", "check", "--config", config, *python, "--output-format", "min-text", file]
    answer = subprocess.run([Path(sys.executable).parent / command[0], *command[1:]], capture_output=True, text=True)
    found = set(re.findall(r"user\.py:(\d+):.*\[([a-z-]+)\]$", answer.stdout, re.MULTILINE))
    assert found == set(_expected()), answer.stdout + answer.stderr


def _expected():
    for number, line in enumerate(USER.splitlines(), 1):
        codes = line.partition("# expect: ")[2]
        yield from ((str(number), code) for code in codes.split(", ") if code)


@pytest.mark.slow
def test_an_installed_wheel_carries_the_types_and_loads_names_when_asked(tmp_path):
    tree = tmp_path / "tree"  # building leaves files in the tree
    for name in ("tfmodels", "pipelines"):
        shutil.copytree(ROOT / name, tree / name)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    _run(tmp_path, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, tree)
    site = tmp_path / "site"
    _run(tmp_path, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, *tmp_path.glob("*.whl"))
    assert all((site / package / "py.typed").is_file() for package in ("tfmodels", "pipelines"))
    code = (
        "import sys, tfmodels, pipelines; assert 'tensorflow' not in sys.modules; from tfmodels import layers; "
        f"assert tfmodels.__file__.startswith({str(site)!r}), tfmodels.__file__; "
        "assert 'Dense' in dir(layers); layers.Dense"
    )
    _run(tmp_path, "-c", f"import sys; sys.path.insert(0, {str(site)!r}); {code}")


def test_a_package_without_its_source_says_so(tmp_path):
    package = tmp_path / "lazy"
    package.mkdir()
    source = package / "__init__.py"
    source.write_text("from tfmodels.lazy_exports import lazy_exports\nlazy_exports(__name__, __file__)\n")
    compileall.compile_dir(package, quiet=1, legacy=True)
    source.unlink()
    answer = _answer(tmp_path, "-c", f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; import lazy")
    assert "Expected the source of package 'lazy'" in answer.stderr


def _run(folder, *arguments):
    answer = _answer(folder, *arguments)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def _answer(folder, *arguments):
    return subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True)
