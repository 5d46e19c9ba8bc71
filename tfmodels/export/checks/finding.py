"""A finding of a check of an export."""

from dataclasses import dataclass, field

from tfmodels.export.checks.rules import RULES

ERROR, WARNING = "error", "warning"
_MOST_CHARACTERS = 2000  # of each text: names in a SavedModel may be of any length


@dataclass(frozen=True)
class Finding:
    """A problem of an export behind TensorFlow Serving.

    Texts are made safe to print: names come from files that may hold anything.

    Args:
        rule: The name of the rule, a key of `RULES`, such as `dtype`.
        endpoint: The signature concerned; empty for the whole export.
        subject: The input, output or op concerned, or a file.
        problem: What is wrong with it.
        advice: What to do.

    Attributes:
        severity: `error` if a request fails, gets a wrong response or breaks other requests, or if the export reaches
            beyond its folder; else `warning`.
        server: What a real TensorFlow Serving does about it.
    """

    rule: str
    endpoint: str
    subject: str
    problem: str
    advice: str
    severity: str = field(init=False)
    server: str = field(init=False)

    def __post_init__(self) -> None:
        for name in ("endpoint", "subject", "problem", "advice"):
            object.__setattr__(self, name, printable(getattr(self, name)))
        object.__setattr__(self, "severity", RULES[self.rule].level)
        object.__setattr__(self, "server", RULES[self.rule].server)

    def __str__(self) -> str:
        where = f"{self.endpoint}: " if self.endpoint else ""
        return f"{where}{self.subject} {self.problem}; {self.advice}"


def printable(text: str) -> str:
    """Makes a text safe to print: control characters are escaped, what is too long is cut.

    Args:
        text: Any text.

    Returns:
        The text, with `...` where it was cut.

    Example:
        `printable("\\x1b[2J")`
    """
    if len(text) > _MOST_CHARACTERS:
        text = text[:_MOST_CHARACTERS] + "..."
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
