"""Options of regularisation that text tasks share, without TensorFlow."""

from dataclasses import fields
from typing import Any

from tfmodels.checked_options import OptionError


def check(config: Any) -> None:
    """Refuses options that would have no effect; a `Config` calls it when it is made.

    Args:
        config: With `training`, `model` and `family`, the options of that model.

    Raises:
        OptionError: `training.r_drop` where nothing is dropped, so that two passes would be the same.

    Example:
        `check(translation.Config(training=Options(r_drop=5)))` raises
    """
    drops = any(
        getattr(part, one.name)
        for part in (config, config.family)
        for one in fields(part)
        if one.name.endswith("dropout")
    )
    if config.training.r_drop and not drops:
        expected = f"to be 0 without dropout, which makes its two passes differ (such as --{config.model}.dropout 0.2)"
        raise OptionError("training.r_drop", expected, config.training.r_drop)
