import pytest

from pipelines.runs.suggestions import fit_options

MESSAGE = "Expected numbers that can be read in one way: a decimal with --decimal ., thousands with --thousands ."


@pytest.mark.parametrize("verb", ["predict", "score", "evaluate", "explain"])
def test_options_that_a_subcommand_lacks_are_told_to_be_those_of_fit(verb):
    found = fit_options.remark([verb, "run"], MESSAGE)
    assert found.startswith(". --decimal and --thousands are options of `fit`")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fit", "forecasting"], MESSAGE),
        (["predict", "run"], "Expected a table. Received: --input x"),
        (["predict", "run"], "--ambiguous earlier or later"),
        (["predict", "run"], "With --on_bad drop: it is left out."),
        ([], MESSAGE),
    ],
)
def test_nothing_is_said_of_options_that_it_has(arguments, message):
    assert fit_options.remark(arguments, message) == ""
    assert "--ambiguous is an option" in fit_options.remark(["evaluate", "run"], "--ambiguous earlier or later")
    found = fit_options.remark(["evaluate", "run"], "With --on_bad drop: it is left out.")
    assert found.startswith(" --on_bad is an option of `fit`")  # after the period of the message
