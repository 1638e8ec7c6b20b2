"""The rare-event samplers: time to a mean generalization loss with 3 % relative standard error.

What plain Guess & Check would take is worked out from its measured draw rate, the acceptance and
the number of accepted draws that 3 % needs; at these settings it cannot be waited for.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import gncviz as gv
from benchmarks.measure import Comparison
from gncviz.network import Network
from gncviz.posterior import GuessAndCheckResult
from gncviz.prior import Prior
from gncviz.task import Task

_ERROR = 0.03
#: Draws for the first look at the spread, and for the draw rate of plain Guess & Check.
_FIRST, _RATE_DRAWS = 200, 2_000_000
#: Networks evaluated at most for one answer.
_MOST = 100_000_000


@dataclass(frozen=True)
class Point:
    """A setting of the posterior.

    Attributes:
        name: in the table.
        network, prior, epsilon, task: the setting.
    """

    name: str
    network: Network
    prior: Prior
    epsilon: float
    task: Task

    def run(self, device: str, **settings: object) -> GuessAndCheckResult:
        """Samples the posterior."""
        asked = {"draws": _MOST, "seed": 0, "device": device, **settings}
        return gv.guess_and_check(self.task, self.network, self.prior, self.epsilon, **asked)


@dataclass(frozen=True)
class Cost:
    """What one point cost.

    Attributes:
        point: the setting.
        post: the result.
        seconds: it took to the wanted error; longer than the run where that fell short.
        error: relative standard error of the run.
    """

    point: Point
    post: GuessAndCheckResult
    seconds: float
    error: float

    def to_dict(self) -> dict[str, str | float]:
        """What a table shows of it."""
        return {
            "name": self.point.name,
            "method": self.post.method,
            "log10_acceptance": self.post.log10_acceptance,
            "mean_gen_loss": self.post.mean_gen_loss,
            "error": self.error,
            "seconds": self.seconds,
        }


def cost(point: Point, device: str, seed: int = 0) -> Cost:
    """Asks for as many effective draws as the wanted error needs, and takes the time."""
    first = point.run(device, samples=_FIRST, seed=seed + 1000)
    needed = max(math.ceil(relative_variance(first) / _ERROR**2), 50)
    start = time.perf_counter()
    post = point.run(device, samples=needed, seed=seed)
    seconds = time.perf_counter() - start
    error = post.stderr / post.mean_gen_loss
    # An error that came out smaller than asked for earns no credit, a larger one costs.
    return Cost(point, post, seconds * max(1.0, (error / _ERROR) ** 2), error)


def relative_variance(post: GuessAndCheckResult) -> float:
    """Var(L_gen) / E[L_gen]² under the posterior."""
    mean = post.mean_gen_loss
    return float(post.weights @ (post.gen_loss - mean) ** 2) / mean**2


def comparisons(device: str) -> Iterator[Comparison]:
    """Against plain Guess & Check: the time to 3 %."""
    sensing, normalized = Task.random(seed=0), Prior(normalize=True)
    for point, target in (
        (Point("k=5, d=2, ε=0.02", Network(), Prior(), 0.02, sensing), 100),
        (Point("Figure 2, d=2", Network(), normalized, 0.0035, sensing), 1000),
        (Point("Figure 2, d=10", Network(depth=10), normalized, 0.0035, sensing), 1000),
    ):
        point.run(device, method="plain", draws=10_000)
        start = time.perf_counter()
        point.run(device, method="plain", samples=10**7, draws=_RATE_DRAWS)
        rate = _RATE_DRAWS / (time.perf_counter() - start)
        found = [cost(point, device, seed) for seed in range(3)]
        ours = statistics.median(one.seconds for one in found)
        post = found[0].post
        plain = relative_variance(post) / _ERROR**2 / post.acceptance / rate
        yield Comparison(f"time to 3 %, {point.name}", "s", plain, ours, target)


def figure_points(seed: int) -> Iterator[Point]:
    """Every point of Figures 1 and 2, for the three activations."""
    task = Task.random(seed=seed)
    for sigma in ("linear", "tanh", "leaky_relu"):
        for k in (5, 10, 20, 40, 80, 160):
            network = Network(width=k, activation=sigma)
            yield Point(f"Figure 1, {sigma}, k={k}", network, Prior(), 0.02, task)
        for d in range(2, 11):
            network = Network(depth=d, activation=sigma)
            prior = Prior(normalize=True)
            yield Point(f"Figure 2, {sigma}, d={d}", network, prior, 0.0035, task)


def growth_points() -> Iterator[Point]:
    """One thing at a time: ε, width, depth, the size of the task."""
    task, normalized = Task.random(seed=0), Prior(normalize=True)
    for epsilon in (0.02, 1e-3, 1e-4, 1e-5, 1e-6):
        yield Point(f"ε={epsilon:g}, k=5, d=2", Network(), Prior(), epsilon, task)
    for k in (5, 20, 80, 320):
        network = Network(width=k, activation="tanh")
        yield Point(f"tanh, k={k}, d=2, ε=1e-6", network, Prior(), 1e-6, task)
    for d in (2, 5, 10, 20, 50):
        yield Point(f"normalized, d={d}, ε=0.0035", Network(depth=d), normalized, 0.0035, task)
    for m in (3, 5, 8, 12, 20):
        wide = Network(width=max(m, 100))
        large = Task.random(rows=m, cols=m, measurements=m * m // 2, seed=0)
        yield Point(f"{m}×{m}, n={m * m // 2}, k=100, ε=0.02", wide, Prior(), 0.02, large)


def table(points: Iterable[Point], device: str) -> list[Cost]:
    """Prints what each point costs, line by line."""
    print(f"{'':34}{'method':>10}{'log10 acc.':>11}{'mean loss':>11}{'error':>8}{'to 3 %':>9}")
    found = []
    for point in points:
        one = cost(point, device)
        found.append(one)
        post = one.post
        print(
            f"{point.name:34}{post.method:>10}{post.log10_acceptance:11.2f}"
            f"{post.mean_gen_loss:11.3g}{one.error:8.1%}{one.seconds:8.2f}s",
            flush=True,
        )
    return found
