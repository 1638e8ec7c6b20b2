"""Jobs: what goes together, in which order, and that company changes no number."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
import torch

from gncviz.descent import gradient_descent
from gncviz.descent.settings import DescentSettings
from gncviz.models.matrix.recipes import GivenTask
from gncviz.models.recipe import TaskRecipe
from gncviz.network import Network
from gncviz.posterior import guess_and_check
from gncviz.prior import Prior
from gncviz.sweeps.findings import DescentFinding, GuessAndCheckFinding
from gncviz.sweeps.points import DescentPoint, GuessAndCheckPoint
from gncviz.sweeps.work import Job, jobs_of, work
from gncviz.task import Task, TaskSettings
from tests.sweeps.small import DESCENT, SAMPLING, numbers

NETWORK = Network()
GIVEN = GivenTask(
    ground_truth=((0.0,) * 5,) * 4 + ((1.0, 0.0, 0.0, 0.0, 0.0),),
    measurements=(((1.0,) * 5,) * 5,),
)


def sampled(seed: int = 0, network: Network = NETWORK, **settings: Any) -> GuessAndCheckPoint:
    sampling = SAMPLING.replace(seed=seed, **settings)
    return GuessAndCheckPoint(
        task=TaskSettings(seed=seed), network=network, prior=Prior(), sampling=sampling
    )


def descended(
    seed: int = 0, network: Network = NETWORK, task: TaskRecipe | None = None, **settings: Any
) -> DescentPoint:
    return DescentPoint(
        task=task or TaskSettings(seed=seed),
        network=network,
        descent=DESCENT.replace(seed=seed, **settings),
    )


def test_descents_of_one_network_go_together_whatever_seed_and_task() -> None:
    points = [
        descended(0),
        descended(7),
        descended(1, task=TaskSettings(seed=1, kind="completion")),
        descended(2, task=TaskSettings(seed=2, rank=3, norm=2.0, measurements=4)),
        descended(3, task=GIVEN),
    ]
    (job,) = jobs_of(points)
    assert job.points == tuple(points)


@pytest.mark.parametrize(
    "other",
    [
        descended(network=Network(width=6)),
        descended(network=Network(depth=3)),
        descended(network=Network(activation="tanh")),
        descended(task=TaskSettings(rows=4)),
        descended(task=GivenTask(ground_truth=((1.0, 0.0),), measurements=(((1.0, 0.0),),))),
        descended(lr=0.02),
        descended(init_scale=0.01),
        descended(epochs=21),
    ],
)
def test_descents_that_differ_in_more_go_apart(other: DescentPoint) -> None:
    jobs = jobs_of([descended(), other])
    assert sorted(len(job.points) for job in jobs) == [1, 1]


def test_a_batch_has_32_trials_at_most() -> None:
    points = [descended(seed) for seed in range(70)]
    jobs = jobs_of(points)
    assert [len(job.points) for job in jobs] == [32, 32, 6]
    assert [point for job in jobs for point in job.points] == points


def test_every_sampled_point_is_a_job() -> None:
    points = [sampled(0), sampled(1), descended(0), descended(1)]
    jobs = jobs_of(points)
    assert sorted(len(job.points) for job in jobs) == [1, 1, 2]
    assert {point.key for job in jobs for point in job.points} == {point.key for point in points}
    assert jobs_of([]) == []


def test_the_longest_job_goes_first() -> None:
    short, long = descended(epochs=10), descended(epochs=10**7)
    narrow, wide = sampled(), sampled(network=Network(width=60, depth=4))
    jobs = jobs_of([short, narrow, wide, long])
    assert [job.points[0] for job in jobs] == [long, wide, narrow, short]
    costs = [job.cost for job in jobs]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] > 0


@pytest.mark.parametrize("network", [NETWORK, Network(width=7, depth=3, activation="tanh")])
def test_a_batched_descent_gives_each_trial_its_own_numbers(network: Network) -> None:
    points = [descended(seed, network, epochs=300, tolerance=2e-4, lr=3e-2) for seed in range(3)]
    points.append(descended(8, network, GIVEN, epochs=300, tolerance=2e-4, lr=3e-2))
    (job,) = jobs_of(points)
    together = work(job)
    epochs = set()
    for point, found in zip(job.points, together, strict=True):
        (alone,) = work(Job((point,), 1.0))
        assert isinstance(found, DescentFinding)
        assert isinstance(alone, DescentFinding)
        epochs.add(found.epochs)
        assert (found.status, found.epochs) == (alone.status, alone.epochs)
        np.testing.assert_allclose(found.gen_loss, alone.gen_loss, rtol=1e-6)
        np.testing.assert_allclose(found.train_loss, alone.train_loss, rtol=1e-6)
    assert len(epochs) > 1


def test_a_trial_that_diverges_leaves_the_others_alone() -> None:
    fixed = {"step_rule": "fixed", "lr": 0.5, "init_scale": 1.0, "epochs": 200}
    points = [
        descended(0, **fixed),
        descended(1, task=TaskSettings(seed=1, norm=1e3), **fixed),
        descended(2, **fixed),
    ]
    first, lost, last = work(Job(tuple(points), 1.0))
    assert isinstance(lost, DescentFinding)
    assert lost.status == "diverged"
    assert np.isnan(lost.gen_loss)
    for point, found in ((points[0], first), (points[2], last)):
        (alone,) = work(Job((point,), 1.0))
        assert isinstance(found, DescentFinding)
        assert isinstance(alone, DescentFinding)
        np.testing.assert_allclose(found.gen_loss, alone.gen_loss, rtol=1e-6)


def test_a_sampled_point_is_what_guess_and_check_says() -> None:
    point = sampled(3, Network(width=6))
    (found,) = work(Job((point,), 1.0))
    post = guess_and_check(Task.random(seed=3), Network(width=6), **dict(SAMPLING) | {"seed": 3})
    assert isinstance(found, GuessAndCheckFinding)
    assert numbers(found) == numbers(GuessAndCheckFinding.of(post))
    assert found.mean_gen_loss == post.mean_gen_loss
    assert found.prior_mean_gen_loss == post.prior_gen_loss.mean()
    assert found.evaluated == post.draws
    assert found.sampler == "plain"


def test_a_descended_point_is_what_gradient_descent_says() -> None:
    point = descended(3, Network(width=6))
    (found,) = work(Job((point,), 1.0))
    gd = gradient_descent(Task.random(seed=3), Network(width=6), **dict(point.descent))
    assert isinstance(found, DescentFinding)
    assert asdict(found) | {"seconds": 0.0} == {
        "gen_loss": gd.gen_loss[0],
        "train_loss": gd.train_loss[0],
        "status": "epochs_spent",
        "epochs": 20,
        "seconds": 0.0,
        "device": "cpu",
    }


def test_torch_keeps_its_threads() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        work(Job((descended(),), 1.0))
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_a_batch_shares_its_time() -> None:
    task = Task.random(seed=0)
    gd = gradient_descent(task, NETWORK, **dict(DescentSettings(trials=4, epochs=20)))
    shares = [found.seconds for found in DescentFinding.of(gd)]
    assert shares == [gd.seconds / 4] * 4
