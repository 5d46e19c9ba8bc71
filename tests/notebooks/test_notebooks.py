"""The notebooks of the documentation run from start to end in an empty folder, and their models are good."""

import execute
import nbformat
import pytest

from pipelines.runs import report


@pytest.fixture
def reports(tmp_path):
    """Executes a notebook; the reports of its runs."""

    def run(name, *files):
        notebook = execute.execute(name, tmp_path)
        assert _complaints(notebook) == []
        return [report.read(tmp_path / "notebooks" / "runs" / file) for file in files]

    return run


def _complaints(notebook):
    """What cells printed as warnings, or failed with."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    lines = [line for one in outputs if one.get("name") == "stderr" for line in one.text.splitlines()]
    errors = [output for output in outputs if output.output_type == "error"]
    return errors + lines


@pytest.mark.slow
def test_translation_learns_endings(reports):
    (test,) = reports("translation", "phrases/report.test.json")
    assert test.beats_baseline
    assert test.metrics["exact_match"] > 90


@pytest.mark.slow
def test_summarization_copies_names(reports):
    (test,) = reports("summarization", "notices/report.test.json")
    assert test.beats_baseline
    assert test.metrics["exact_match"] > 80


@pytest.mark.slow
def test_question_answering_reads_names(reports):
    (test,) = reports("question_answering", "notices/report.test.json")
    assert test.beats_baseline
    assert test.metrics["f1"] > 70


@pytest.mark.slow
def test_forecasting_sees_promotions(reports):
    (test,) = reports("forecasting", "shops/report.test.json")
    assert test.beats_baseline


@pytest.mark.slow
def test_classification_hears_although(reports):
    (test,) = reports("classification", "opinions/report.test.json")
    assert test.beats_baseline
    assert test.metrics["accuracy"] > 90


@pytest.mark.slow
def test_the_task_of_your_own_writes_numerals(reports):
    (validation,) = reports("your_own_task", "roman/report.json")
    assert validation.beats_baseline
    assert validation.metrics["exact_match"] > 60


@pytest.mark.slow
def test_serving_moves_versions(reports):
    (validation,) = reports("serving", "messages/report.json")
    assert validation.metrics["accuracy"] == 100


@pytest.mark.parametrize("name", execute.names())
def test_what_is_committed_is_what_a_notebook_showed(name):
    notebook = nbformat.read(execute.NOTEBOOKS / f"{name}.ipynb", as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert _complaints(notebook) == []
