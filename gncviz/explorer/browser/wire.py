"""Figures on their way to the browser: plain JSON, and few bytes of it."""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gncviz.figures.look.style import HEIGHT

#: Fewer numbers than this are as short in plain JSON, and easier to read there.
_FEW = 8
#: What a figure's numbers may be off by, relatively: no screen shows it.
_PRECISION = 1e-6


def as_json(figure: go.Figure) -> dict[str, Any]:
    """Data and layout of a figure, in what JSON knows, with long arrays as plotly.js reads them.

    A figure of the usual height loses it: the page gives it the room that there is.

    Args:
        figure: left as it is.
    """
    layout = figure.layout.to_plotly_json()
    if layout.get("height") == HEIGHT:
        del layout["height"]
    return {"data": [_plain(one.to_plotly_json()) for one in figure.data], "layout": _plain(layout)}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, list | tuple):
        if len(value) >= _FEW and all(map(_is_number_or_gap, value)):
            return _array(np.array(value, dtype=float))
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _is_number_or_gap(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _array(values: NDArray[Any]) -> Any:
    """Base64 of the bytes, in single precision where that is enough; a list where it is short."""
    if values.dtype.kind not in "fiu" or values.ndim > 2 or values.size < _FEW:
        return _plain(values.tolist())
    with np.errstate(over="ignore", under="ignore"):
        short = values.astype("<f4")
    # Losses may be smaller than single precision reaches.
    enough = np.allclose(short, values, rtol=_PRECISION, atol=0.0, equal_nan=True)
    sent = short if enough else values.astype("<f8")
    packed = {"dtype": sent.dtype.str[1:], "bdata": base64.b64encode(sent.tobytes()).decode()}
    return packed if sent.ndim == 1 else {**packed, "shape": ", ".join(map(str, sent.shape))}
