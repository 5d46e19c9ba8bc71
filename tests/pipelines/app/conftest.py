"""A page in this process, and a browser that reaches nothing else."""

import importlib.util
import shutil
import sys
import tarfile
from pathlib import Path

import pytest

FORMAT_1 = Path(__file__).parents[2] / "fixtures" / "format_1.tar.xz"
# Gradio is an extra. What it is missing for is skipped.
collect_ignore_glob = ["test_*.py"] if importlib.util.find_spec("gradio") is None else []
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="package")
def exports(tmp_path_factory):
    """The folder of exports of the first format: `sentiment`, `translation`, `forecasting`."""
    folder = tmp_path_factory.mktemp("exports")
    with tarfile.open(FORMAT_1) as archive:
        archive.extractall(folder, filter="data")
    return folder / "format_1" / "saved_models"


@pytest.fixture(scope="module")
def chromium():
    """A browser, without which tests of pages are skipped. While it is there, no other event loop runs."""
    sync_api = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium):
    """A function that opens a page in the browser; a request elsewhere, or an error of the page, fails the test."""
    contexts, outside, errors = [], [], []

    def opened(url, width=1200):
        context = chromium.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("request", lambda request: outside.append(request.url) if _is_outside(request.url, url) else None)
        page.on("dialog", lambda dialog: errors.append(dialog.message))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not outside
    assert not errors


def _is_outside(address, url):
    return not address.startswith((url, "data:", "blob:"))


@pytest.fixture(autouse=True)
def as_typed(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["tfmodels"])
