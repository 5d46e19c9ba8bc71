"""The options that tasks with a teacher share."""

from typing import Any

from tfmodels.checked_options import OptionError, default_of


def check(config: Any, how: str) -> None:
    """Refuses to say how a teacher is used that there is none of; a `Config` calls it when it is made.

    Args:
        config: With `teacher` and the option `how`.
        how: Name of the option that says it.

    Raises:
        OptionError: That option without `teacher`.

    Example:
        `check(self, "teacher_weight")`
    """
    value = getattr(config, how)
    if not config.teacher and value != default_of(type(config), how):
        raise OptionError(how, "to be left out without teacher, an export", value)
