"""The figures: nothing drawn outside the frame."""

from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from pipelines.reports.figures import STYLE, drawn
from pipelines.reports.render import palette


def test_no_text_is_clipped_by_the_edge(model: dict[str, Any]) -> None:
    found = [b for section in model["sections"] for b in section["blocks"] if b["kind"] == "figure"]
    # A tick label at the very left edge, as on a scale of levels.
    level = {"label": "Hverdagsrehabilitering", "verdict": "progress", "text": "+0,48 (−0,33 til 0,65)"}
    numbers = {"estimate": 0.48, "lower": -0.33, "upper": 1.2}
    found.append(found[0] | {"rows": [level | numbers], "noticeable": 1.0})
    for block in found:
        with rc_context(STYLE):
            figure = drawn(block, palette())
            canvas: Any = FigureCanvasAgg(figure)
            canvas.draw()
            (axes,), width, height = figure.axes, figure.bbox.width, figure.bbox.height
            low, high = axes.get_xlim()
            # Matplotlib keeps labels for ticks outside the axis, which it does not draw.
            unseen = [t for t in axes.get_xticklabels() if not low <= t.get_position()[0] <= high]
            for text in figure.findobj(Text):
                if isinstance(text, Text) and text.get_text().strip() and text not in unseen:
                    extent = text.get_window_extent(canvas.get_renderer())
                    where = (block["id"], text.get_text())
                    assert extent.x0 >= 0 and extent.x1 <= width, where
                    assert extent.y0 >= 0 and extent.y1 <= height, where
