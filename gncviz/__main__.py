"""``python -m gncviz`` is the command line."""

from __future__ import annotations

from gncviz.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
