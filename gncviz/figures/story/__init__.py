"""The figures of the page's story, drawn from its lattice of stored runs.

Labels stand at the curves; a figure says one thing.
"""

from __future__ import annotations

from gncviz.figures.story.curves import against, depth_and_rank
from gncviz.figures.story.distributions import distributions
from gncviz.figures.story.guesses import guess_plane
from gncviz.figures.story.limit import towards_zero

__all__ = ["against", "depth_and_rank", "distributions", "guess_plane", "towards_zero"]
