"""Settings of experiments for property tests."""

from __future__ import annotations

import math
from typing import get_args

from hypothesis import strategies as st

from gncviz.activation import ActivationName
from gncviz.descent.settings import DescentSettings
from gncviz.experiment.settings import ExperimentSettings
from gncviz.models.data.datasets import SetName
from gncviz.models.data.forms import LossName
from gncviz.models.data.recipes import DataSettings
from gncviz.models.tensor.network import TensorNetwork
from gncviz.models.tensor.recipes import TensorTaskSettings
from gncviz.network import Network
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import FAMILIES, Prior, Scaling
from gncviz.task import TaskSettings

SEED = st.integers(0, 2**63 - 1)
POSITIVE = st.floats(min_value=0, exclude_min=True, allow_nan=False, allow_infinity=False)
AT_LEAST_0 = st.floats(min_value=0, allow_nan=False, allow_infinity=False)
STARTS = ["uniform", Prior(), Prior("uniform", normalize=True, scaling="fan_out")]
BELOW_1 = st.floats(min_value=0, max_value=1, exclude_max=True)


@st.composite
def tasks(draw: st.DrawFn) -> TaskSettings:
    rows, cols = draw(st.integers(1, 100)), draw(st.integers(2, 100))
    return TaskSettings(
        rows=rows,
        cols=cols,
        rank=draw(st.integers(1, min(rows, cols))),
        norm=draw(st.floats(1e-140, 1e140)),
        measurements=draw(st.integers(1, rows * cols - 1)),
        kind=draw(st.sampled_from(["sensing", "completion"])),
        seed=draw(SEED),
    )


@st.composite
def descents(draw: st.DrawFn) -> DescentSettings:
    seeds = draw(st.none() | st.lists(SEED, min_size=1, max_size=50).map(tuple))
    return DescentSettings(
        trials=draw(st.integers(1, 100_000)) if seeds is None else len(seeds),
        lr=draw(POSITIVE),
        init=draw(st.sampled_from(STARTS)),
        init_scale=draw(AT_LEAST_0),
        epochs=draw(st.integers(1, 10**9)),
        momentum=draw(BELOW_1),
        step_rule=draw(st.sampled_from(["adaptive", "fixed"])),
        tolerance=draw(AT_LEAST_0),
        seconds=draw(st.none() | POSITIVE),
        seed=draw(SEED),
        seeds=seeds,
    )


NETWORKS = st.builds(
    Network,
    width=st.integers(1, 100_000),
    depth=st.integers(1, 1000),
    activation=st.sampled_from(get_args(ActivationName)),
    negative_slope=BELOW_1,
    bias=st.none() | st.booleans() | st.floats(1e-6, 10),
)
PRIORS = st.builds(
    Prior,
    family=st.sampled_from(list(FAMILIES)),
    normalize=st.sampled_from([False, True, "product"]),
    scaling=st.sampled_from(get_args(Scaling)),
)


@st.composite
def tensor_tasks(draw: st.DrawFn) -> TensorTaskSettings:
    shape = tuple(draw(st.lists(st.integers(2, 5), min_size=2, max_size=5)))
    entries = math.prod(shape)
    return TensorTaskSettings(
        shape=shape,
        rank=draw(st.integers(1, entries // max(shape))),
        norm=draw(st.floats(1e-140, 1e140)),
        measurements=draw(st.integers(1, entries - 1)),
        kind=draw(st.sampled_from(["sensing", "completion"])),
        seed=draw(SEED),
    )


#: Classes of a set, some of which may be one.
CLASSES = st.lists(
    st.integers(0, 9) | st.lists(st.integers(0, 9), min_size=2, max_size=4).map(tuple),
    min_size=2,
    max_size=5,
).map(tuple)
DATA_TASKS = st.builds(
    DataSettings,
    name=st.sampled_from(get_args(SetName)),
    classes=st.none() | CLASSES,
    train=st.integers(2, 100_000),
    test=st.none() | st.integers(1, 10**6),
    loss=st.sampled_from(get_args(LossName)),
    noise=st.none() | st.floats(0, 10),
    dim=st.integers(1, 10_000),
    seed=SEED,
)
TENSOR_NETWORKS = st.builds(
    TensorNetwork, width=st.integers(1, 100_000), depth=st.integers(1, 1000)
)


def _experiments(task: st.SearchStrategy, network: st.SearchStrategy) -> st.SearchStrategy:
    return st.builds(
        ExperimentSettings,
        task=task,
        network=network,
        prior=PRIORS,
        guess_and_check=st.builds(
            GuessAndCheckSettings,
            epsilon=POSITIVE,
            method=st.sampled_from(["auto", "plain", "splitting", "collapsed"]),
            samples=st.integers(1, 10**7),
            draws=st.integers(1, 10**15),
            seconds=st.none() | POSITIVE,
            seed=SEED,
        ),
        descent=descents(),
    )


#: Any settings of matrices that are allowed; devices are left as they are.
MATRICES = _experiments(tasks(), NETWORKS)
#: The same of all kinds of model.
EXPERIMENTS = (
    MATRICES | _experiments(tensor_tasks(), TENSOR_NETWORKS) | _experiments(DATA_TASKS, NETWORKS)
)
