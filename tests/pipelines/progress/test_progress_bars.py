import pytest

from pipelines.progress import progress_bars


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 2500])
def test_all_things_pass_in_their_order(count, capsys):
    assert list(progress_bars.progress(iter(range(count)), "counting")) == list(range(count))
    assert capsys.readouterr().out.strip() == ""


@pytest.mark.parametrize(
    ("total", "expected"),
    [(None, "counting: 1,000, "), (3000, "counting: 1,000 of 3,000, ")],
)
def test_without_a_terminal_there_is_a_line_now_and_then(total, expected, monkeypatch, capsys):
    monkeypatch.setattr(progress_bars, "_SECONDS", -1)
    list(progress_bars.progress(range(2000), "counting", total))
    lines = [line for line in capsys.readouterr().out.splitlines() if line]
    assert len(lines) == 2
    assert lines[0].startswith(expected)
    assert lines[0].endswith(" left" if total else "/s")


@pytest.mark.parametrize(("seconds", "speed"), [(4, "1,000/s"), (4e4, "0.1/s"), (3e3, "1.3/s")])
def test_slow_work_has_a_rate_too(seconds, speed):
    assert speed in progress_bars._line("searching", 4000, 8000, seconds)
