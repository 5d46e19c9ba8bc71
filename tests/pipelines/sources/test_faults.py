import contextlib

import pytest

from pipelines.sources.faults import Faults, collect_faults


def test_the_first_fault_is_an_error_that_tells_the_repair():
    message = r"Expected a number\. Received: 'x', line 3 and 1 more\. With --on_bad drop or --on_bad warn: it is"
    with pytest.raises(ValueError, match=message):
        Faults("error").found("a number", "'x', line 3", "it is dropped", count=2)


@pytest.mark.parametrize(
    ("on_bad", "printed"),
    [
        ("drop", "warning: expected a number; none: 1 times\n"),
        ("warn", "warning: expected a number; none: 1 times. x\n"),
    ],
)
@pytest.mark.parametrize("fails", [False, True])
def test_what_is_left_out_is_always_counted_at_the_end(on_bad, printed, fails, capsys):
    with contextlib.suppress(ZeroDivisionError), collect_faults(on_bad) as faults:
        faults.found("a number", "x", "none")
        assert capsys.readouterr().err == ""
        assert not (fails and 1 / 0)
    assert capsys.readouterr().err == printed


def test_faults_of_a_kind_are_counted_together(capsys):
    faults = Faults("warn")
    for number in range(5):
        faults.found("a row", f"row {number}", "it is left out", count=2)
    faults.report()
    assert capsys.readouterr().err == "warning: expected a row; it is left out: 10 times. row 0; row 1; row 2; ...\n"
