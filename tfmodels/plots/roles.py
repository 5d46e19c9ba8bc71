"""How each role is drawn in all figures: its colour (Okabe and Ito, 2008), and a dash, marker or hatch beside it.

No colour stands alone: with each goes a form, so that figures read without colours, too.
"""

from typing import Any, NamedTuple

BLACK, BLUE, SKY, GREEN, ORANGE, VERMILLION, PURPLE = (
    *("#000000", "#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00", "#CC79A7"),
)
GREY, LIGHT_GREY = "#767676", "#D9D9D9"
_MARKS = 20  # on a line; of fewer points each is marked


class Look(NamedTuple):
    """How a line is drawn.

    Attributes:
        color: Its colour.
        linestyle: Its dashes.
        marker: Of its points.
    """

    color: str
    linestyle: Any
    marker: str

    def options(self, points: int) -> dict[str, Any]:
        """Arguments of `plot` for a line of some points, of which about 20 are marked.

        Example:
            `axes.plot(steps, losses, **roles.VALIDATION.options(len(steps)))`
        """
        marks = {"marker": self.marker, "markersize": 4.5, "markevery": max(1, points // _MARKS)}
        return {"color": self.color, "linestyle": self.linestyle, "linewidth": 1.5, **marks}


MODEL = Look(BLUE, "-", "o")
HISTORY = Look(BLACK, "-", "")
TRUTH = Look(BLACK, ":", "x")
REFERENCE = Look(GREY, ":", "")  # what would be right, or what is marked
VALIDATION = Look(BLUE, "-", "o")
TRAINING = Look(ORANGE, ":", "^")
TRAINING_AS_VALIDATION = Look(VERMILLION, "--", "s")
BEFORE = Look(VERMILLION, "--", "s")  # a correction, beside the model as it is served

INTERVALS = ("#DCEBF5", "#A9D0EA", "#78B4DC")  # from the widest to the narrowest
ATTENTION = ORANGE
RIGHT, MISSED, WRONG = (BLUE, ""), (LIGHT_GREY, "...."), (VERMILLION, "////")  # colour and hatch of areas
FOR, AGAINST = BLUE, VERMILLION

_COLORS = (VERMILLION, GREEN, PURPLE, ORANGE, SKY, GREY, BLACK)
_DASHES = ("--", "-.", ":", *((0, lengths) for lengths in ((5, 1, 1, 1, 1, 1), (10, 3), (1, 4), (8, 2, 3, 2), (3, 4))))
_MARKERS = ("s", "^", "D", "v", "P", "*", "X", "<")
_HATCHES = ("////", "....", "\\\\\\\\", "xxxx", "++++", "")


def baseline(number: int) -> Look:
    """The look of a baseline, never in the colour, dash or marker of the model.

    Eight have dashes and markers of their own, seven colours of their own.

    Example:
        `baseline(0)` -> `Look("#D55E00", "--", "s")`
    """
    return Look(_COLORS[number % 7], _DASHES[number % 8], _MARKERS[number % 8])


def equal(number: int) -> Look:
    """The look of one of several things of equal rank, such as servers.

    Example:
        `equal(0) == MODEL`
    """
    return MODEL if number == 0 else baseline(number - 1)


def area(number: int) -> dict[str, str]:
    """Arguments of `bar` for one of several things of equal rank.

    Example:
        `axes.bar(places, heights, **roles.area(1))`
    """
    hatch = "" if number == 0 else _HATCHES[(number - 1) % len(_HATCHES)]
    return {"color": equal(number).color, "hatch": hatch, "edgecolor": "white"}
