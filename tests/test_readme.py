"""README, which also stands on a package index, where links to files lead nowhere."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_it_is_short():
    assert len(README.splitlines()) <= 150


def test_it_links_to_no_file():
    assert not re.findall(r"\]\((?!https?://)", README)


def test_the_pages_that_it_names_are_there():
    named = set(re.findall(r"`((?:docs|tests|pipelines|tfmodels)/[\w/]*(?:\.md)?|[A-Z]+\.md)`", README))
    assert {"docs/guides/translation.md", "docs/serving.md", "CONTRIBUTING.md"} <= named
    assert not [name for name in named if not (ROOT / name).exists()]
