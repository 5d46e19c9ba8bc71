"""What messages of other subcommands say of the options that only `fit` has."""

import re
from collections.abc import Sequence
from dataclasses import fields

from pipelines.sources.tables.table_options import TableOptions

_MORE = ("time", "time_format", "time_zone", "ambiguous", "frequency", "series", "layout", "text", "label", "classes")
_NAMES = (*(one.name for one in fields(TableOptions)), *_MORE, "source_column", "target_column", "on_bad")
_OPTION = re.compile(rf"--({'|'.join(sorted(_NAMES, key=len, reverse=True))})\b")
_READERS = ("predict", "score", "evaluate", "explain")  # of files, as training decided
_OWN = {"predict": ("ambiguous", "on_bad")}


def remark(arguments: Sequence[str], message: str) -> str:
    """What to do about an error whose remedy is an option of `fit`.

    Args:
        arguments: Of the command.
        message: The error's.

    Returns:
        The remark, with a period before it; empty if no such option is named.

    Example:
        `remark(["predict", "mine"], "Expected ... --decimal ,")`
    """
    verb = arguments[0] if arguments else ""
    named = [name for name in dict.fromkeys(_OPTION.findall(message)) if name not in _OWN.get(verb, ())]
    if verb not in _READERS or not named:
        return ""
    options = f"{' and '.join(f'--{name}' for name in named)} {'are options' if len(named) > 1 else 'is an option'}"
    end = "" if re.search(r"\?$|\w\.$", message) else "."
    return f"{end} {options} of `fit`, which decides for all later files: write this one as that of training is written"
