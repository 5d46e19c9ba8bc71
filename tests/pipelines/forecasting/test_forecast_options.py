import pytest

from pipelines.forecasting.task import Config
from pipelines.runs.rows import quantile_levels
from tfmodels.checked_options import OptionError
from tfmodels.models.lstm_options import AttentionLSTMForecasterOptions, LSTMForecasterOptions
from tfmodels.models.transformer_options import TransformerForecasterOptions
from tfmodels.training import Options


def irregular(**options):
    return Config(model="lstm", frequency="irregular", training=Options(**options))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Config(horizon=-1), "horizon to be at least 0. Received: horizon=-1"),
        (lambda: Config(data=" "), "data to be a table"),
        (lambda: Config(calendar="hour_of_day,hour_of_dya"), r"calendar features.*did you mean hour_of_day"),
        (lambda: Config(calendar="hour_of_day:0"), "calendar to have a number of harmonics from 1"),
        (
            lambda: Config(known="holiday", daily="holidays"),
            r"daily to name known covariates, .*did you mean holiday\?",
        ),
        (lambda: Config(daily="holiday"), "daily to name known covariates, of which there are none"),
        (lambda: Config(point_loss="mae"), "point_loss to be left out with head=quantiles .*head=point"),
        (lambda: Config(stride=-1), "stride to be at least 0"),
        (lambda: Config(model="attention-lstm"), "model to be one of auto, linear, lstm, attention_lstm, transformer"),
        (lambda: Config(head="student-t"), "head to be one of .*student_t"),
        (lambda: Config(context=12), "transformer.patch to be at most context, 12. Received: transformer.patch=24"),
        (lambda: Config(model="linear", lstm=LSTMForecasterOptions(patch=2)), "lstm.*linear"),
        (lambda: Config(head="direction"), "center to be last or zero with head=direction"),
        (lambda: Config(center="season", season=200), "season to be at most context, 168, with center=season"),
        (lambda: Config(training=Options(r_drop=1.0)), "training.r_drop to be 0 in forecasting .* tokens or classes"),
        (lambda: irregular(xla=True), "training.xla to be False with frequency=irregular"),
        (lambda: LSTMForecasterOptions(dropout=1.0), "dropout to be at least 0 and below 1"),
        (lambda: AttentionLSTMForecasterOptions(d_model=6), "d_model to be a multiple of num_heads, 4"),
        (lambda: TransformerForecasterOptions(d_model=10), "d_model to be a multiple of num_heads, 4"),
        (lambda: TransformerForecasterOptions(patch=4, stride=5), "stride to be at most patch, 4. Received: stride=5"),
    ],
)
def test_options_that_cannot_work_are_refused_by_name(make, message):
    with pytest.raises(OptionError, match=message):
        make()


def test_a_window_shorter_than_the_patch_of_another_family_is_fine():
    assert Config(model="linear", context=12).context == 12


def test_levels_rise_and_are_symmetrical():
    assert quantile_levels.parse("0.1, 0.5,0.9") == (0.1, 0.5, 0.9)
    for levels in ("", "0.5,0.1", "0.1,0.5", "0,0.5,1", "0.5,0.5", "half"):
        with pytest.raises(OptionError, match="levels to be between 0 and 1"):
            quantile_levels.parse(levels)


@pytest.mark.parametrize("split", ["nan,0.1,0.1", "0.8,-0.1,0.3", "0.7,0.1,inf", "0.7,0.1,0.1"])
def test_shares_that_are_none_are_refused_by_name(split):
    with pytest.raises(ValueError, match=r"shares that sum to 1\. Received: split="):
        Config(split=split)
