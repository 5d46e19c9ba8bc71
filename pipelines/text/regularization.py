"""Regularisation that text tasks share; its options load no TensorFlow."""

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from pipelines.text import vocabulary
from tfmodels.checked_options import OptionError

if TYPE_CHECKING:
    from pipelines.runs import Run
    from tfmodels.training import SubwordResampling


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


def resampling(config: Any, run: "Run", limits: Mapping[str, int]) -> "SubwordResampling | None":
    """What segments the training texts of a run anew in each epoch.

    Args:
        config: With `resample_subwords`, `subword_alpha` and `training`.
        run: Prepared.
        limits: Column of tokens -> most tokens of a text.

    Returns:
        The resampling; None without the option.

    Raises:
        OptionError: The run has no subwords, since it keeps the tokens of another.

    Example:
        `resampling(config, run, {"text": config.max_length})`
    """
    if not config.resample_subwords:
        return None
    from tfmodels import preprocessing, training

    model = run.assets / vocabulary.SUBWORDS
    if not model.is_file():
        raise OptionError("resample_subwords", "to be false: the tokens that the run keeps are no subwords", True)
    lattice = preprocessing.SubwordLattice.read(model, config.subword_alpha)
    return training.SubwordResampling(lattice, limits, config.training.seed)
