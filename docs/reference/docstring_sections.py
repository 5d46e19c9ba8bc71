"""Shows sections of docstrings that griffe, which reads them for the site, does not know as those that it knows."""

import re
import textwrap
from typing import Any

import griffe

_EXAMPLE = re.compile(r"^Example:$", re.MULTILINE)
_CALL_ARGUMENTS = re.compile(r"^Call arguments:$", re.MULTILINE)
_RETURNS = re.compile(r"^Returns:\n((?: {4}.*\n?|\n)+)", re.MULTILINE)


class DocstringSections(griffe.Extension):
    """Rewrites the sections before griffe reads them."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Called for each module, class, function and attribute."""
        if obj.docstring:
            text = _EXAMPLE.sub("Examples: Example:", obj.docstring.value)
            text = _CALL_ARGUMENTS.sub("Other Parameters: Call arguments:", text)
            obj.docstring.value = _RETURNS.sub(_paragraph, text) if obj.is_class else text

    def on_function(self, *, func: griffe.Function, **_: Any) -> None:
        """Called for each function: shows private constants among the defaults as what they are."""
        for parameter in func.parameters:
            constant = func.module.members.get(str(parameter.default))
            if isinstance(constant, griffe.Attribute) and constant.name.startswith("_"):
                parameter.default = constant.value


def _paragraph(returns: re.Match[str]) -> str:
    """What a class returns when it is called has no annotation to list."""
    return f"**Returns:**\n\n{textwrap.dedent(returns[1])}"
