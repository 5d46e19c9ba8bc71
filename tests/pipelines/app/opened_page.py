"""A page of models in this process, and how a test presses its button."""

import contextlib


@contextlib.contextmanager
def open_page(*models, auth=None, runs=False):
    """Opens a page of models until the end of the block; its URL."""
    from pipelines.app import launching, page

    with launching.own_folder() as folder:
        made = page.make({model.name: lambda model=model: model for model in models}, runs)
        try:
            yield launching.launch(made, folder, "127.0.0.1", 0, auth)
        finally:
            made.close()


def ask(page, name="ask"):
    """Presses the button of a panel; what is said of the answer, or the refusal."""
    return answered(press(page, name))


def press(page, name="ask"):
    """Presses the button of a panel; the panel."""
    panel = page.locator(f"#panel-{name}")
    panel.get_by_role("button", name="Ask", exact=True).click()
    return panel


def answered(panel):
    """Waits until a panel whose button was pressed has an answer or a refusal; what is said of it."""
    for _ in range(1_200):
        panel.page.wait_for_timeout(50)
        for label in ("Not answered", "Time and endpoint"):
            field = panel.get_by_label(label)
            if field.count() and field.input_value():
                return field.input_value()
    raise AssertionError("no answer")
