import io
import subprocess
import sys

import decoding_against_peers
import paired_runs
import pytest
import training_rate
from rich.console import Console

# Our side gets half as fast in each round.
RATES = [{"ours": {"rate": 8.0}, "peer": {"rate": 4.0}}, {"ours": {"rate": 4.0}, "peer": {"rate": 1.0}}]
RATES.append({"ours": {"rate": 2.0}, "peer": {"rate": 2.0}})


def shown(table) -> list[list[str]]:
    """The non-empty cells of a table, by row."""
    text = io.StringIO()
    Console(file=text, width=200).print(table)
    rows = [line.split("│") for line in text.getvalue().splitlines() if "│" in line]
    return [[cell.strip() for cell in row if cell.strip()] for row in rows]


def test_ratios_are_taken_within_a_round():
    assert paired_runs.median(RATES, "ours", "rate") == 4
    assert paired_runs.median(RATES, "peer", "rate") == 2
    assert paired_runs.median_ratio(RATES[:2], "ours", "peer", "rate") == 3
    assert paired_runs.median_ratio(RATES, "peer", "ours", "rate") == 0.5


def test_the_sides_alternate_and_the_last_line_of_output_is_read(tmp_path):
    log = tmp_path / "log"
    script = f"import sys; open({str(log)!r}, 'a').write(sys.argv[1]); print('noise'); print('{{\"rate\": 2}}')"
    commands = {side: [sys.executable, "-c", script, side] for side in "ab"}
    assert paired_runs.rounds(commands, 2) == 2 * [{"a": {"rate": 2}, "b": {"rate": 2}}]
    assert log.read_text() == "abab"


def test_the_failure_of_a_side_is_raised():
    with pytest.raises(subprocess.CalledProcessError):
        paired_runs.rounds({"ours": [sys.executable, "-c", "raise SystemExit(3)"]}, 1)


def test_the_table_of_training_has_each_round_and_medians():
    def side(rate, mebibytes):
        return {"tokens_per_second": rate, "peak_memory_bytes": mebibytes * 2**20}

    measured = [
        {"ours": side(3000, 10), "keras": side(2000, 30), "torch": side(1000, 50)},
        {"ours": side(1000, 20), "keras": side(500, 40), "torch": side(500, 60)},
    ]
    rows = shown(training_rate.table(measured, ["keras", "torch"]))
    assert rows == [
        ["keras", "1", "3,000", "2,000", "1.50", "10", "30"],
        ["keras", "2", "1,000", "500", "2.00", "20", "40"],
        ["keras", "median", "2,000", "1,250", "1.75", "15", "35"],
        ["torch", "1", "3,000", "1,000", "3.00", "10", "50"],
        ["torch", "2", "1,000", "500", "2.00", "20", "60"],
        ["torch", "median", "2,000", "750", "2.50", "15", "55"],
    ]


def test_the_table_of_decoding_has_our_speed_up():
    measured = [
        {"ours": {"greedy, batch 1": 100.0}, "opennmt": {"greedy, batch 1": 300.0}},
        {"ours": {"greedy, batch 1": 200.0}, "opennmt": {"greedy, batch 1": 400.0}},
    ]
    assert shown(decoding_against_peers.table(measured)) == [["greedy, batch 1", "opennmt", "150", "350", "2.50"]]
