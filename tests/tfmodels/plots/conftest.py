import pytest

from tfmodels.plots import style


@pytest.fixture
def drawn(monkeypatch):
    """The figures that would have been written."""
    figures = []
    monkeypatch.setattr(style, "save", lambda figure, path: figures.append(figure))
    return figures


@pytest.fixture
def laid_out(monkeypatch):
    """The figures that would have been written, with all their parts in place."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figures = []

    def save(figure, path):
        FigureCanvasAgg(figure).draw()
        figures.append(figure)

    monkeypatch.setattr(style, "save", save)
    return figures
