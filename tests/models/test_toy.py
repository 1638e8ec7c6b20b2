"""A new kind of model needs its own lines and a row: everything else takes it as it is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import gncviz as gv
from gncviz.models import MODELS, Model
from gncviz.models.law import direct_law, drawn_outputs
from gncviz.posterior import Status
from gncviz.streams import Stream, torch_generator
from tests.models.toy import ToyNetwork, ToyRecipe, ToyTask

TASK, NETWORK = ToyTask(ToyRecipe(seed=1)), ToyNetwork()


def test_all_methods_that_apply_agree() -> None:
    """Plain, splitting and what is chosen: within 4 standard errors."""
    posts = [
        gv.guess_and_check(
            TASK, NETWORK, epsilon=1e-3, method=method, samples=400, seed=2, device="cpu"
        )
        for method in ("plain", "splitting", "auto")
    ]
    for post in posts:
        assert post.status is Status.OK
        assert (post.train_loss < 1e-3).all()
        assert post.outputs.shape[1:] == (1, 5)
        error = np.hypot(post.stderr, posts[0].stderr)
        assert abs(post.mean_gen_loss - posts[0].mean_gen_loss) < 4 * error
        error = np.hypot(post.log10_acceptance_stderr, posts[0].log10_acceptance_stderr)
        assert abs(post.log10_acceptance - posts[0].log10_acceptance) < 4 * error
    assert posts[0].at(5e-3).mean_gen_loss < posts[0].prior_mean_gen_loss


def test_what_does_not_apply_says_why() -> None:
    with pytest.raises(gv.SettingsError, match="linear in its last layer"):
        gv.guess_and_check(TASK, NETWORK, epsilon=1e-3, method="collapsed", device="cpu")


@pytest.mark.parametrize("prior", [gv.Prior("uniform"), gv.Prior(normalize="product")])
def test_any_prior(prior: gv.Prior) -> None:
    post = gv.guess_and_check(TASK, NETWORK, prior, epsilon=0.3, samples=50, device="cpu")
    assert post.status is Status.OK


def test_gradient_descent() -> None:
    gd = gv.gradient_descent(TASK, NETWORK, trials=3, lr=0.1, step_rule="fixed", init_scale=1.0)
    assert set(gd.status) == {"converged"}
    assert gd.outputs.shape == (3, 1, 5)
    assert (gd.gen_loss < 1e-6).all()
    assert len(gd.history) > 10


def test_spectra() -> None:
    law = direct_law(NETWORK, TASK, gv.Prior())
    rngs = (torch_generator(0, Stream.SPECTRA, i) for i in range(9))
    rows = drawn_outputs(law, 5, 300, rngs).reshape(-1, 1, 5)
    table = gv.spectrum.summarize(TASK.unfoldings(rows)["output"])
    assert table[table["quantity"] == "effective_rank"]["q50"].item() == pytest.approx(1)


def test_a_sweep(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setitem(MODELS, "toy", Model((ToyRecipe,), ToyTask, ToyNetwork))
    with ThreadPoolExecutor(1) as pool:
        swept = {
            "task": ToyRecipe(),
            "network": NETWORK,
            "seeds": 2,
            "descent": {"lr": 0.1, "step_rule": "fixed", "init_scale": 1.0},
            "guess_and_check": {"samples": 50},
            "results": tmp_path,
            "executor": pool,
        }
        found = gv.sweep("epsilon", [1e-2, 1e-1], **swept)
        again = gv.sweep("epsilon", [1e-2, 1e-1], **swept)
    assert found.complete
    table = found.summary().set_index(["epsilon", "method"])["median"]
    assert table[0.01, "guess_and_check"] < table[0.1, "prior"]
    assert table[0.1, "gradient_descent"] < 1e-6
    np.testing.assert_array_equal(again.summary()["median"], found.summary()["median"])
