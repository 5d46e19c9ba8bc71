"""Every panel in a browser, at the width of a desk and of a phone: type, press, read, equal to `predict`."""

import csv
import os
from pathlib import Path

import pytest
import small_models
from opened_page import ask, open_page

pytestmark = pytest.mark.slow
PICTURES = os.environ.get("TFMODELS_SCREENSHOTS", "")  # a folder that keeps what was seen
WIDTHS = (1200, 400)


def seen(page, name, width):
    """Keeps a picture of the page, and refuses one that is wider than its window."""
    page.wait_for_timeout(500)
    if PICTURES:
        page.screenshot(path=Path(PICTURES, f"{name}-{width}.png"), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def panel_of(page):
    return page.locator("#panel-ask")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["translation", "sentiment"])
def test_a_panel_of_texts(name, width, exports, visit):
    model = small_models.of_export(exports, name)
    with open_page(model) as url:
        page = visit(url, width)
        panel_of(page).get_by_label("Text").fill("May 5, a fine film")
        if name == "translation":
            panel_of(page).get_by_label("Draw where it looked").check()
        ask(page)
        seen(page, name, width)
        answer = model.predictor.predict("May 5, a fine film")
        label, wanted = ("Answer", answer["text"]) if name == "translation" else ("Label", f"{answer['label']}, ")
        assert panel_of(page).get_by_label(label, exact=True).input_value().startswith(wanted)


@pytest.fixture(scope="module")
def finder(tmp_path_factory):
    return small_models.question_answering(tmp_path_factory.mktemp("finder"))


@pytest.mark.parametrize("width", WIDTHS)
def test_the_panel_of_questions(width, finder, visit):
    with open_page(finder) as url:
        page = visit(url, width)
        panel_of(page).get_by_label("Question").fill(small_models.QUESTION)
        panel_of(page).get_by_label("Context").fill(small_models.CONTEXT)
        ask(page)
        seen(page, "question_answering", width)
        row = {"question": small_models.QUESTION, "context": small_models.CONTEXT}
        answer = finder.predictor.predict(row)["answer"] or "(the context has no answer)"
        assert panel_of(page).get_by_label("Answer", exact=True).input_value() == answer


@pytest.mark.parametrize("width", WIDTHS)
def test_the_panel_of_forecasts(width, exports, visit, tmp_path):
    model = small_models.of_export(exports, "forecasting")
    with open_page(model) as url:
        page = visit(url, width)
        panel_of(page).locator("input[type=file]").first.set_input_files(exports.parent / "load.csv")
        page.wait_for_function(
            "[...document.querySelectorAll('textarea')].some(one => one.value.includes('2024-01-01'))"
        )
        ask(page)
        seen(page, "forecasting", width)
        rows = model.task.requests(exports.parent / "load.csv", model.card)
        model.task.answers(tmp_path / "wanted.csv", rows, model.predictor.predict(rows), model.card)
        address = panel_of(page).locator("a[href*='answers.csv']").first.get_attribute("href")
        got = page.request.get(address).text()
        assert list(csv.reader(got.splitlines())) == list(
            csv.reader((tmp_path / "wanted.csv").read_text().splitlines())
        )


@pytest.mark.parametrize("width", WIDTHS)
def test_the_panel_of_items_by_keyboard(width, visit):
    model = small_models.recommendation()
    with open_page(model) as url:
        page = visit(url, width)
        panel_of(page).get_by_label("Items in their order").click()
        for item in ("rope", "東京"):
            page.keyboard.type(item)
            page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        ask(page)
        seen(page, "recommendation", width)
        best = model.predictor.predict({"items": ["", "", "rope", "東京"]})["items"]
        shown = panel_of(page).inner_text()
        assert all(item in shown for item in best)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_panel_of_risks(width, visit, tmp_path):
    model = small_models.clinical()
    with open_page(model) as url:
        page = visit(url, width)
        panel_of(page).get_by_label("Measurements").fill(small_models.EVENTS)
        ask(page)
        page.wait_for_timeout(1_000)
        seen(page, "clinical", width)
        (tmp_path / "events.csv").write_text(small_models.EVENTS)
        rows = model.task.requests(tmp_path / "events.csv", model.card)
        model.task.answers(tmp_path / "risks.csv", rows, model.predictor.predict(rows), model.card)
        wanted = list(csv.reader((tmp_path / "risks.csv").read_text().splitlines()))
        shown = panel_of(page).inner_text()
        assert all(cell in shown for row in wanted[1:] for cell in row[:2])
