"""Shows figures in grey, and as people with a colour-vision deficiency see them.

    python tests/tfmodels/plots/colour_vision.py runs/mine/*.png --output seen

writes NAME.deutan.png, NAME.protan.png and NAME.grey.png.
"""

import argparse
from pathlib import Path

import numpy as np

# Machado, Oliveira and Fernandes (2009), severity 1: linear RGB as seen, from linear RGB.
MATRICES = {
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "grey": [[0.2126, 0.7152, 0.0722]] * 3,
}


def seen(colours, deficiency):
    """sRGB colours from 0 to 1, `[..., 3]`, as they are seen."""
    return _srgb(np.clip(_linear(np.asarray(colours)) @ np.array(MATRICES[deficiency]).T, 0, 1))


def lightness(colours):
    """Lightness L* from 0 to 100 of sRGB colours."""
    luminance = _linear(np.asarray(colours)) @ np.array([0.2126, 0.7152, 0.0722])
    return np.where(luminance > 0.008856, 116 * np.cbrt(luminance) - 16, 903.3 * luminance)


def _linear(colours):
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)


def _srgb(colours):
    return np.where(colours <= 0.0031308, colours * 12.92, 1.055 * colours ** (1 / 2.4) - 0.055)


def main():
    from PIL import Image

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("figures", nargs="+", type=Path)
    parser.add_argument("--output", type=Path, default=Path("seen"))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    for file in options.figures:
        with Image.open(file) as figure:
            colours = np.asarray(figure.convert("RGB")) / 255
        for deficiency in MATRICES:
            shown = Image.fromarray(np.round(255 * seen(colours, deficiency)).astype("uint8"))
            shown.save(options.output / f"{file.stem}.{deficiency}.png")


if __name__ == "__main__":
    main()
