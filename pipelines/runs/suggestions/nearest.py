"""The option that an unknown one is likely to mean."""

from collections.abc import Collection, Iterable
from difflib import SequenceMatcher
from typing import Any

from pipelines.runs.suggestions import synonyms
from tfmodels.suggestions import did_you_mean

_SIMILAR = 0.6  # least similarity of the last parts of two names, from 0 to 1
_MOST = 4  # options in a suggestion


def suggestion(
    name: str, known: Collection[str], dashes: str, model: Any = None, unlikely: Collection[str] = ()
) -> str:
    """Suggests what was meant: the same name in another spelling or group, another program's name, or a similar one.

    Args:
        name: The unknown option, without dashes.
        known: The valid options.
        dashes: Prefix of names in error messages; empty for a file.
        model: The chosen family of models, whose options go first.
        unlikely: Options that are not meant by one of their words alone.

    Returns:
        A question with a leading space, or what the group has that the name begins with; empty if nothing is near.

    Example:
        `suggestion("lr", ["training.learning_rate"], "--")` -> `" (did you mean --training.learning_rate?)"`
    """
    last = {one: one.rpartition(".")[-1] for one in known}
    group, _, own = name.rpartition(".")
    short = synonyms.squashed(own)
    found = (
        [one for one in known if synonyms.squashed(one) == synonyms.squashed(name)]
        or [one for one in known if synonyms.squashed(last[one]) == short]
        or synonyms.meant(own, known)
    )
    if found:
        likely = of_model(found, group or model)[:_MOST]
        return f" (did you mean {_or(f'{dashes}{one}' for one in likely)}?)"
    if synonyms.is_foreign(name):  # and what it means is none of those: similar letters mean nothing
        return ""
    similar = [one for one in last if SequenceMatcher(None, short, synonyms.squashed(last[one])).ratio() >= _SIMILAR]
    containing = next((one for one in last if one not in unlikely and name in last[one].split("_")), "")
    nearest = did_you_mean(name, similar) or (containing and f" (did you mean {containing}?)")
    return nearest.replace("did you mean ", f"did you mean {dashes}") or _of_group(name, known, dashes)


def of_model(names: list[str], model: Any) -> list[str]:
    """Those of the chosen family of models, where it has some; else all.

    Example:
        `of_model(["transformer.dropout", "lstm.dropout"], "lstm")` -> `["lstm.dropout"]`
    """
    return [one for one in names if one.startswith(f"{model}.")] or names


def _or(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def _of_group(name: str, known: Iterable[str], dashes: str) -> str:
    """The options of the group that an unknown option names."""
    group, dot, _ = name.rpartition(".")
    members = [f"{dashes}{one}" for one in known if dot and one.startswith(f"{group}.")]
    return f"; {group} has {', '.join(members)}" if members else ""
