from dataclasses import dataclass, field
from typing import Literal

from pipelines.cli import option_help
from tfmodels.checked_options import option


@dataclass(frozen=True)
class Narrow:
    """Options of a narrow model.

    Attributes:
        d_model: Width of the states.
        dropout: Dropout rate.
    """

    d_model: int = option(8, least=1)
    dropout: float = option(0.1, least=0, below=1)


@dataclass(frozen=True)
class Wide(Narrow):
    """Options of a wide model.

    Attributes:
        d_model: Width of the states, which
            is large.

    Raises:
        OptionError: d_model: is small.
    """

    d_model: int = option(80, least=1)


@dataclass(frozen=True)
class Config:
    """Options.

    Attributes:
        model: The family.
        heads: `one` or `two`.
        decimal: Mark. Empty = found.
        data: Folder of the data, or a single file that contains all of the rows as lines of text.
        wide: Options of the wide model.
        decoding: Options of decoding.
    """

    model: Literal["wide", "other"] = "wide"
    heads: Literal["one", "two"] = "one"
    data: str = ""
    decimal: Literal["", ".", ","] = ""
    shuffle: bool = True
    wide: Wide = field(default_factory=lambda: Wide(dropout=0.5))
    decoding: Narrow = field(default_factory=Narrow, metadata={"after_training": True})


HELP = """\
usage: tfmodels fit shout [options]

Says a text louder.

options of the command:
  --run NAME                    Name of the run.

options of the task:
  --model NAME                  The family. One of wide, other. Default: wide.
  --heads NAME                  `one` or `two`. Default: one.
  --data TEXT                   Folder of the data, or a single file that contains all of the rows
                                as lines of text. Default: empty.
  --decimal NAME                Mark. Empty = found. One of `.`, `,`. Default: empty.
  --shuffle true|false          Default: true.

model: wide (with --model wide):
  --wide.d_model N              Width of the states, which is large. Default: 80 (at least 1).
  --wide.dropout X              Dropout rate. Default: 0.5 (at least 0 and below 1).

decoding (can be changed after training):
  --decoding.d_model N          Width of the states. Default: 8 (at least 1).
  --decoding.dropout X          Dropout rate. Default: 0.1 (at least 0 and below 1)."""


def test_options_are_grouped_with_defaults_and_bounds():
    usage, description = "tfmodels fit shout [options]", "Says a text louder.\n"
    assert option_help.text(usage, description, Config, {"--run NAME": "Name of the run."}) == HELP
