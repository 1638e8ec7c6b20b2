"""The server's templates, compiled once and not for every page.

Voila makes a Jinja environment for each page that it shows, and compiles fifteen templates in it,
while everybody else waits. What is made for each page, too, are the exporter's preprocessors: one
that leaves the notebook alone hands every environment what others have compiled.
"""

from __future__ import annotations

from typing import Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from nbconvert.preprocessors import Preprocessor


class _Compiled(BytecodeCache):
    """Code of templates by what they are called and say; Jinja drops what has changed."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


class KeepTemplates(Preprocessor):
    """Makes the exporter that it belongs to use templates that were compiled before.

    To be named to the server: ``VoilaExporter.preprocessors``.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]
        exporter: Any = self.parent
        exporter.environment.bytecode_cache = _COMPILED

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Changes nothing."""
        return nb, resources
