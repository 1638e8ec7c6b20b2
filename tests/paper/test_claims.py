"""Claims, on results made up so that each verdict is known."""

from __future__ import annotations

import numpy as np
import pytest

from gncviz.paper import FIGURES, claims_of, claims_table, panel_settings, tally
from gncviz.sweeps import SweepResult, width_limits
from gncviz.sweeps.findings import DescentFinding, Finding, GuessAndCheckFinding
from gncviz.sweeps.settings import Place, SweepSettings


def sampled(loss: float, prior: float) -> GuessAndCheckFinding:
    numbers = {"stderr": 0.0, "log10_acceptance": -3.0, "log10_acceptance_stderr": 0.0}
    path = {f"path_{name}": () for name in ("epsilon", "mean_gen_loss", "stderr")}
    path |= {f"path_log10_acceptance{end}": () for end in ("", "_stderr")}
    return GuessAndCheckFinding(
        mean_gen_loss=loss,
        **numbers,
        effective_samples=100.0,
        sampler="plain",
        status="ok",
        evaluated=10,
        prior_mean_gen_loss=prior,
        prior_stderr=0.0,
        **path,
        path_effective_samples=(),
        warnings=(),
        seconds=1.0,
        device="cpu",
    )


def descended(loss: float, epochs: int = 100) -> DescentFinding:
    return DescentFinding(loss, 1e-11, "converged", epochs, 1.0, "cpu")


def made_up(settings: SweepSettings, loss: object, descent: object) -> SweepResult:
    found: dict[str, Finding] = {}
    for place in settings.places():
        found[place.guess_and_check.key] = sampled(loss(place), 1.0)  # type: ignore[operator]
        assert place.descent is not None
        found[place.descent.key] = descent(place)  # type: ignore[operator]
    return SweepResult(settings, found)


def value_of(place: Place) -> float:
    (value,) = place.values.values()
    return value


def verdicts(figure: int, result: SweepResult) -> list[bool]:
    return [claim.holds for claim in claims_of(FIGURES[figure], "linear", "fan_in", result)]


def test_a_panel_as_the_paper_shows_it_holds() -> None:
    width = made_up(
        panel_settings(1, "linear"),
        lambda place: 1.0 - 2.0 / value_of(place) - 0.01 * place.seed,
        lambda place: descended(0.01),
    )
    assert verdicts(1, width) == [True, True, True]
    depth = made_up(
        panel_settings(2, "linear"),
        lambda place: 1.0 / value_of(place) + 0.01 * place.seed,
        lambda place: descended(0.01),
    )
    assert verdicts(2, depth) == [True, True, True]


def test_a_flat_panel_does_not() -> None:
    rng = np.random.default_rng(0)
    noise = {seed: rng.permutation([0.0, 1e-6]) for seed in range(8)}

    def loss(place: Place) -> float:
        last = value_of(place) > 9
        return 0.5 + float(noise[place.seed][int(last)])

    width = made_up(panel_settings(1, "linear"), loss, lambda place: descended(0.01))
    assert verdicts(1, width)[:2] == [False, False]
    depth = made_up(panel_settings(2, "linear"), loss, lambda place: descended(0.01))
    assert verdicts(2, depth)[:2] == [False, False]


@pytest.mark.parametrize(
    ("share", "holds"), [(0.91, True), (1.09, True), (0.89, False), (1.11, False)]
)
def test_near_the_prior_is_within_a_tenth_of_it(share: float, holds: bool) -> None:
    def loss(place: Place) -> float:
        return share if value_of(place) == 160 else 0.5 + 0.001 * place.seed

    result = made_up(panel_settings(1, "linear"), loss, lambda place: descended(0.01))
    claim = claims_of(FIGURES[1], "linear", "fan_in", result)[1]
    assert claim.holds is holds
    assert "within 10 % of the prior" in claim.claim
    assert claim.numbers["at width 160"] == pytest.approx(share)


def test_the_spread_over_tasks_stands_beside_the_median() -> None:
    """A median at the prior does not say that every task is there."""

    def loss(place: Place) -> float:
        return 0.8 + 0.05 * place.seed if value_of(place) == 160 else 0.5

    result = made_up(panel_settings(1, "linear"), loss, lambda place: descended(0.01))
    numbers = claims_of(FIGURES[1], "linear", "fan_in", result)[1].numbers
    assert numbers["least over the seeds"] == pytest.approx(0.8)
    assert numbers["most"] == pytest.approx(1.15)


@pytest.mark.parametrize(
    ("activation", "limit"),
    [
        ("linear", "the prior, its limit"),
        ("tanh", "the prior, its limit"),
        ("leaky_relu", "its limit, which is not the prior"),
    ],
)
def test_the_prior_is_called_the_limit_where_theorem_1_says_so(activation: str, limit: str) -> None:
    result = made_up(panel_settings(1, activation), lambda _: 0.5, lambda _: descended(0.01))
    claim = claims_of(FIGURES[1], activation, "fan_in", result)[1].claim
    assert claim.endswith(f"within 10 % of {limit}")


@pytest.mark.parametrize(("share", "holds"), [(0.97, True), (0.8, False), (1.2, False)])
def test_without_theorem_1_the_limit_is_each_tasks_own(share: float, holds: bool) -> None:
    """The prior, whose loss is 1 here, plays no part."""
    settings = panel_settings(1, "leaky_relu")
    limits = width_limits(settings)
    assert limits is not None

    def loss(place: Place) -> float:
        return float(limits[place.seed]) * (share if value_of(place) == 160 else 0.5)

    claim = claims_of(
        FIGURES[1],
        "leaky_relu",
        "fan_in",
        made_up(settings, loss, lambda _: descended(0.01)),
    )[1]
    assert claim.holds is holds
    assert claim.numbers["at width 160"] == pytest.approx(share)
    assert claim.numbers["most"] == pytest.approx(share)


@pytest.mark.parametrize(("falling", "holds"), [(8, True), (7, True), (6, False)])
def test_seven_of_eight_seeds_are_needed(falling: int, holds: bool) -> None:
    def loss(place: Place) -> float:
        sign = 1 if place.seed < falling else -1
        return 0.5 - sign * 0.01 * value_of(place)

    result = made_up(panel_settings(2, "linear"), loss, lambda place: descended(0.01))
    assert verdicts(2, result)[0] is holds


def test_descent_must_be_below_at_every_value() -> None:
    def descent(place: Place) -> DescentFinding:
        return descended(0.9 if value_of(place) == 9 else 0.01)

    result = made_up(
        panel_settings(2, "linear"), lambda place: 0.5 - 0.01 * value_of(place), descent
    )
    claim = claims_of(FIGURES[2], "linear", "fan_in", result)[2]
    assert not claim.holds
    (name,) = claim.numbers
    assert "depth 9" in name


def test_momentum_that_changes_nothing_is_found_out() -> None:
    with_it, without = (panel_settings(figure, "linear") for figure in (3, 1))
    flat = made_up(with_it, lambda place: 0.5, lambda place: descended(0.01))
    same = made_up(without, lambda place: 0.5, lambda place: descended(0.01))
    faster = made_up(with_it, lambda place: 0.5, lambda place: descended(0.01, epochs=10))
    for result, holds in ((flat, False), (faster, True)):
        claim = claims_of(FIGURES[3], "linear", "fan_in", result, same)[-1]
        assert (claim.claim, claim.holds) == ("momentum acts", holds)


def test_the_table_has_a_row_a_claim() -> None:
    result = made_up(panel_settings(1, "linear"), lambda place: 0.5, lambda place: descended(0.1))
    claims = claims_of(FIGURES[1], "linear", "fan_in", result)
    table = claims_table(claims)
    assert table["claim"].tolist() == [claim.claim for claim in claims]
    assert table["holds"].tolist() == ["yes" if claim.holds else "NO" for claim in claims]


def test_the_tally_tells_the_papers_panels_from_those_beside_them() -> None:
    flat = made_up(panel_settings(1, "tanh"), lambda place: 0.5, lambda place: descended(0.1))
    paper, beside = (
        claims_of(FIGURES[1], "tanh", scaling, flat) for scaling in ("fan_in", "fan_out")
    )
    assert tally(paper) == "1 of 3 claims hold."
    both = tally([*paper, *beside])
    assert both.startswith("2 of 6 claims hold.")
    assert "panels of the paper: 1 of 3" in both
    assert "beside them: 1 of 3" in both
