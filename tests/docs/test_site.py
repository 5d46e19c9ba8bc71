"""The site is built without a warning, and its pages load nothing from other hosts."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOADED = re.compile(r"<(?:script|img|iframe|link)\b[^>]*?(?:src|href)=\"(?:https?:)?//[^\"]*\"[^>]*>")


@pytest.mark.slow
def test_the_site_is_built_strictly_and_loads_nothing_from_elsewhere(tmp_path):
    pytest.importorskip("mkdocs")
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path / "site"]
    built = subprocess.run(
        words, cwd=ROOT, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True
    )
    assert built.returncode == 0, built.stderr
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 30
    loaded = [tag for page in pages for tag in LOADED.findall(page.read_text(encoding="utf-8"))]
    assert not [tag for tag in loaded if 'rel="canonical"' not in tag]


def test_what_would_be_loaded_is_found():
    assert LOADED.search('<script src="https://cdn.example/mermaid.js"></script>')
    assert not LOADED.search('<a href="https://example.org">') and not LOADED.search('<img src="drawings/batch.svg">')
