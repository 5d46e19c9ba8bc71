import pytest

from pipelines.sources.faults import Faults, collect_faults


def test_the_first_fault_is_an_error_that_tells_the_repair():
    with pytest.raises(
        ValueError, match=r"Expected a number\. Received: 'x', line 3 and 1 more\. With .*: it is dropped"
    ):
        Faults("error").found("a number", "'x', line 3", "it is dropped", count=2)


@pytest.mark.parametrize(
    ("on_bad", "printed"), [("drop", ""), ("warn", "warning: expected a number; none: 1 times. x\n")]
)
def test_faults_are_reported_at_the_end_if_they_are_to_be(on_bad, printed, capsys):
    with collect_faults(on_bad) as faults:
        faults.found("a number", "x", "none")
        assert capsys.readouterr().err == ""
    assert capsys.readouterr().err == printed


def test_faults_of_a_kind_are_counted_together(capsys):
    faults = Faults("warn")
    for number in range(5):
        faults.found("a row", f"row {number}", "it is left out", count=2)
    faults.report()
    assert capsys.readouterr().err == "warning: expected a row; it is left out: 10 times. row 0; row 1; row 2; ...\n"
