"""Counters and histograms with the names that TensorFlow Serving uses, in Prometheus' text format.

The official client library is not used: it appends `_total` and `_created` to the names of counters, and the server
does not.
"""

import re
import threading
from bisect import bisect_left
from itertools import accumulate

METRICS_PATH = "/monitoring/prometheus/metrics"  # on the port of the REST interface
_PREFIX = ":tensorflow:serving:"
_BOUNDS = tuple(10 * 1.8**power for power in range(33))  # microseconds, or rows

_Labels = tuple[tuple[str, str], ...]


class Metrics:
    """The metrics of a server. Thread-safe.

    Example:
        ```python
        metrics = Metrics()
        metrics.increment("request_count", model_name="demo", status="OK")
        print(metrics.text())
        ```
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, dict[_Labels, int]] = {}
        self._histograms: dict[str, dict[_Labels, _Histogram]] = {}

    def increment(self, name: str, **labels: str) -> None:
        """Adds one to a counter.

        Args:
            name: The counter's name, without the prefix `:tensorflow:serving:`.
            **labels: Its labels.
        """
        with self._lock:
            counts, key = self._counts.setdefault(name, {}), tuple(labels.items())
            counts[key] = counts.get(key, 0) + 1

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Adds a value to a histogram.

        Args:
            name: The histogram's name, without the prefix.
            value: Microseconds, or rows.
            **labels: Its labels.
        """
        with self._lock:
            histograms, key = self._histograms.setdefault(name, {}), tuple(labels.items())
            if key not in histograms:
                histograms[key] = _Histogram()
            histograms[key].add(value)

    def text(self) -> str:
        """Formats all metrics.

        Returns:
            Prometheus' text format, version 0.0.4.
        """
        lines = []
        with self._lock:
            for name, counts in self._counts.items():
                lines.append(f"# TYPE {_PREFIX}{name} counter")
                lines += [f"{_PREFIX}{name}{_braces(key)} {value}" for key, value in counts.items()]
            for name, histograms in self._histograms.items():
                lines.append(f"# TYPE {_PREFIX}{name} histogram")
                for key, histogram in histograms.items():
                    lines += histogram.lines(_PREFIX + name, key)
        return "\n".join(lines) + "\n"


def read_histogram(text: str, name: str) -> tuple[float, float]:
    """Reads the totals of a histogram over all its labels.

    Args:
        text: The metrics of a server in Prometheus' text format.
        name: The histogram's name, without the prefix.

    Returns:
        The sum and the number of its values; zeros if there is no such histogram.

    Example:
        `read_histogram(metrics.text(), "request_latency")` -> `(5310.0, 4.0)`
    """
    found = {"sum": 0.0, "count": 0.0}
    for line in re.finditer(rf"^{_PREFIX}{name}_(sum|count)(?:\{{.*\}})? (\S+)", text, re.MULTILINE):
        found[line[1]] += float(line[2])
    return found["sum"], found["count"]


class _Histogram:
    def __init__(self) -> None:
        self._buckets = [0] * (len(_BOUNDS) + 1)
        self._sum = 0.0

    def add(self, value: float) -> None:
        self._buckets[bisect_left(_BOUNDS, value)] += 1
        self._sum += value

    def lines(self, name: str, key: _Labels) -> list[str]:
        bounds = [*(f"{bound:.6g}" for bound in _BOUNDS), "+Inf"]
        below = list(accumulate(self._buckets))
        return [
            *(
                f"{name}_bucket{_braces((*key, ('le', bound)))} {count}"
                for bound, count in zip(bounds, below, strict=True)
            ),
            f"{name}_sum{_braces(key)} {self._sum:.6g}",
            f"{name}_count{_braces(key)} {below[-1]}",
        ]


def _braces(key: _Labels) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in key) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
