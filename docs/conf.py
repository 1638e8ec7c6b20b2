"""How the documentation is built: `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path

# What this documentation alone needs is beside this file; what the tests need, too, among scripts.
sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
sys.path.insert(0, str(Path(__file__).parent))

import gncviz

project = "gncviz"
author = "gncviz contributors"
copyright = author
version = release = gncviz.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
extensions += ["extension", "borrowed"]
exclude_patterns = ["_build"]
# A reference to something that is not there is an error (make docs runs with -W). Types of other
# packages have no pages here: their documentation would have to be fetched.
nitpicky = True
nitpick_ignore_regex = [
    ("py:(class|obj|data)", r"(?!gncviz\.).*"),
    # What a store is passed: nobody makes these by hand.
    ("py:class", r"gncviz\.sweeps\.(points\.Point|findings\.\w+)"),
    # What a loss's name stands for.
    ("py:class", r"gncviz\.models\.data\.forms\.Form"),
]

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
# m' is no quotation.
smartquotes_action = "D"

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
autodoc_typehints_format = "short"
napoleon_use_ivar = True
napoleon_use_rtype = False
python_display_short_literal_types = True

html_theme = "furo"
html_title = f"gncviz {release}"
html_copy_source = False
html_show_sourcelink = False
