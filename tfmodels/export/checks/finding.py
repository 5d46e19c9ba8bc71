"""What a check has to say about an export."""

from dataclasses import dataclass

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Finding:
    """Something about an export that TensorFlow Serving, or its users, would trip over.

    Args:
        rule: The rule's name, such as `dtype`.
        endpoint: The signature concerned; empty if it is the whole export.
        subject: The input, output or op concerned, or a file.
        problem: What is wrong with it.
        advice: What to do.
        severity: `error` where a request would fail, get a wrong answer or harm another; else `warning`.
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
