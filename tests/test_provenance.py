"""A result says which versions made it."""

from __future__ import annotations

import json

import numpy as np
import torch

import gncviz
from gncviz.provenance import versions


def test_versions_are_those_that_run() -> None:
    found = versions()
    assert found["gncviz"] == gncviz.__version__
    assert found["torch"] == torch.__version__
    assert found["numpy"] == np.__version__
    assert json.loads(json.dumps(found)) == found
