"""A finding of a check of an export."""

from dataclasses import dataclass

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Finding:
    """A problem of an export behind TensorFlow Serving.

    Args:
        rule: The name of the rule, such as `dtype`.
        endpoint: The signature concerned; empty for the whole export.
        subject: The input, output or op concerned, or a file.
        problem: What is wrong with it.
        advice: What to do.
        severity: `error` if a request fails, gets a wrong response or breaks other requests; else `warning`.
    """

    rule: str
    endpoint: str
    subject: str
    problem: str
    advice: str
    severity: str = ERROR

    def __str__(self) -> str:
        where = f"{self.endpoint}: " if self.endpoint else ""
        return f"{where}{self.subject} {self.problem}; {self.advice}"
