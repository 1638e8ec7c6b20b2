"""The paper's experiments: its 33 panels, from stored results or computed, and its claims."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Unpack

from gncviz.paper.beyond import STUDIES, Study
from gncviz.paper.claims import Claim, claims_of, claims_table, tally
from gncviz.paper.panels import ACTIVATIONS, FIGURES, PANELS, Figure, panel_settings, scalings_of
from gncviz.prior import Scaling
from gncviz.settings import SettingsError, one_of
from gncviz.sweeps import Running, Store, SweepResult, run_sweep
from gncviz.sweeps.result import points_of
from gncviz.sweeps.settings import SweepSettings

__all__ = [
    "ACTIVATIONS",
    "FIGURES",
    "PANELS",
    "STUDIES",
    "TABLES",
    "Claim",
    "Figure",
    "Study",
    "claims",
    "claims_of",
    "claims_table",
    "known",
    "panel",
    "panel_settings",
    "shipped",
    "study",
    "tally",
]

#: The results that come with gncviz.
TABLES = Path(__file__).parent / "tables"


@cache
def shipped() -> Store:
    """The results that come with gncviz, and what is computed beside them in this process."""
    return Store(tables=sorted(TABLES.glob("*.parquet")))


def panel(
    figure: int,
    activation: str,
    *,
    scaling: Scaling = "fan_in",
    seeds: int = 8,
    results: Path | str | None = None,
    **running: Unpack[Running],
) -> SweepResult:
    """One panel of the paper: at once from the results that come with gncviz, else computed.

    Args:
        figure: 1 to 11.
        activation: "linear", "tanh" or "leaky_relu".
        scaling: "fan_in", the paper's; or "fan_out", the conventions of the authors' code; see
            :func:`gncviz.paper.panel_settings`.
        seeds: how many trials; the paper has 8.
        results: a folder to take results from and to store them in, instead of those that come
            with gncviz.
        **running: executor, workers, progress, cancel, as in :func:`gncviz.sweep`.

    Returns:
        The sweep behind the panel; ``gncviz.figures.sweep`` draws it.

    Raises:
        SettingsError: there is no such panel.
        SweepError: some points could not be computed.

    Example:
        >>> panel(1, "linear").complete
        True
    """
    settings = panel_settings(figure, activation, scaling=scaling, seeds=seeds)
    store = shipped() if results is None else Store(results)
    return run_sweep(settings, store, **running)


def study(name: str) -> dict[str, SweepResult]:
    """What is stored of a study that goes beyond the paper; ``gncviz.figures.family`` draws it.

    Args:
        name: of :data:`gncviz.paper.STUDIES`, such as "ranks", "thresholds", "deep" or "wide".

    Returns:
        Its sweeps, by the names of their curves. Nothing is computed: what does not come with
        gncviz is missing in them.

    Raises:
        SettingsError: there is no such study.

    Example:
        >>> list(study("ranks"))
        ['rank 1', 'rank 2', 'rank 3']
    """
    chosen = STUDIES[one_of("name", name, STUDIES, f"one of {', '.join(STUDIES)}")]
    store = shipped()
    return {curve: known(settings, store) for curve, settings in chosen.sweeps.items()}


def claims(results: Path | str | None = None) -> list[Claim]:
    """What the paper's figures claim, checked against stored results.

    Args:
        results: a folder of results; those that come with gncviz by default. Nothing is computed:
            panels that are not all there are left out.

    Returns:
        One :class:`gncviz.paper.Claim` for each claim and panel, in the order of the panels.

    Raises:
        SettingsError: there is no such folder.
    """
    store = shipped() if results is None else Store(results)
    if store.folder is not None and not store.folder.is_dir():
        sentence = f"results should be a folder with results; got {store.folder}."
        raise SettingsError([("results", sentence)])
    checked: list[Claim] = []
    for figure, activation in PANELS:
        for scaling in scalings_of(activation):
            found = known(panel_settings(figure, activation, scaling=scaling), store)
            if found.complete:
                plain = _without_momentum(figure, activation, store)
                checked += claims_of(FIGURES[figure], activation, scaling, found, plain)
    return checked


def known(settings: SweepSettings, store: Store) -> SweepResult:
    """What a store knows of a sweep, without computing anything.

    Args:
        settings: of the sweep, such as those of :func:`gncviz.paper.panel_settings`.
        store: where to look, such as :func:`gncviz.paper.shipped`.

    Returns:
        The result, complete or not.
    """
    points = {point.key: point for point in points_of(settings)}
    found = {key: store.get(point) for key, point in points.items()}
    return SweepResult(settings, {key: one for key, one in found.items() if one is not None})


def _without_momentum(figure: int, activation: str, store: Store) -> SweepResult | None:
    """The same panel without momentum, where a figure differs by momentum only."""
    if not FIGURES[figure].momentum:
        return None
    settings = panel_settings(figure, activation)
    assert settings.descent is not None
    found = known(settings.replace(descent=settings.descent.replace(momentum=0.0)), store)
    return found if found.complete else None
