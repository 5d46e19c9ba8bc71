"""What a page says where there is no answer."""

import tempfile
import traceback

from pipelines.runs.starting.user_errors import USER_ERRORS
from pipelines.runs.suggestions import fit_options
from tfmodels.serving import ServingError

_FAILED = "The model failed on this; the terminal of `tfmodels app` says how."


def refusal(error: Exception) -> str:
    """The sentence of an error: what `tfmodels predict` says, without the folder that uploads are in.

    Args:
        error: The error; the trace of one that no user can mend goes to the terminal.

    Example:
        `refusal(ValueError("Expected a text. Received: none"))`
    """
    if not isinstance(error, (*USER_ERRORS, ServingError, ConnectionError, FloatingPointError)):
        traceback.print_exception(error)
        return _FAILED
    text = str(error)
    for folder in sorted({part for part in text.split("'") + text.split() if part.startswith(tempfile.gettempdir())}):
        text = text.replace(folder, folder.rpartition("/")[2])
    return text + fit_options.remark(["predict"], text)
