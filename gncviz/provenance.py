"""Where a result came from."""

from __future__ import annotations

import platform


def versions() -> dict[str, str]:
    """The versions of gncviz, torch, numpy and Python that made a result."""
    import numpy
    import torch

    import gncviz

    return {
        "gncviz": gncviz.__version__,
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "python": platform.python_version(),
    }
