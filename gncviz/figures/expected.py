"""What figures are made of is checked before anything is drawn."""

from __future__ import annotations

from typing import Any

from gncviz.settings import SettingsError

#: What tells a result, and where it comes from.
_KINDS = {
    "curve": ("log10_islands", "gncviz.learning_curve"),
    "post": ("prior_gen_loss", "gncviz.guess_and_check"),
    "gd": ("trial_epochs", "gncviz.gradient_descent"),
    "draws": ("depths", "gncviz.spectrum.prior_spectra_draws"),
    "table": ("columns", "gncviz.spectrum or gncviz.mechanism, as a DataFrame"),
    "result": ("summary", "gncviz.sweep"),
    "results": ("values", "gncviz.sweep each, by their names in a dict"),
}
#: The kinds beside which results of one's own can be drawn.
_BESIDE_OWN = ("post", "gd")


def expect_results(*required: str, **given: Any) -> None:
    """Refuses what is no result of ours where one is wanted.

    Args:
        *required: names of those that must not be None.
        **given: what was given, by the names of arguments in :data:`_KINDS`.

    Raises:
        SettingsError: one of them is something else.
    """
    for name, value in given.items():
        if value is None and name not in required:
            continue
        tells, source = _KINDS[name]
        if not hasattr(value, tells):
            sentence = f"{name} should be from {source}; got {type(value).__name__}."
            if name in _BESIDE_OWN:
                sentence += ' Results of your own go to own, by name: own={"Adam": matrices}.'
            raise SettingsError([(name, sentence)])
