"""Guess & Check: sampling P(W | L_train < ε)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gncviz.models.asked import expect
from gncviz.models.protocols import AnyNetwork, AnyTask
from gncviz.posterior.outcome import Status
from gncviz.posterior.result import GuessAndCheckResult
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior
from gncviz.progress import Cancel, Progress, Run

__all__ = ["GuessAndCheckResult", "GuessAndCheckSettings", "Status", "guess_and_check"]


def guess_and_check(
    task: AnyTask,
    network: AnyNetwork,
    prior: Prior | None = None,
    epsilon: float = 0.02,
    *,
    progress: Callable[[Progress], object] | bool | None = None,
    cancel: Cancel | None = None,
    **settings: Any,
) -> GuessAndCheckResult:
    """Samples weights of the prior given that the training loss is below ε (Sec. 3.5).

    The posterior is P(W | L_train(W) < ε), with L_train of Eq. 2. How the methods sample it, and
    what their error bars mean, is told in the documentation under "How it samples".

    Args:
        task: such as matrix sensing or completion, :class:`gncviz.Task`.
        network: the model.
        prior: the prior over its weights; the Gaussian one of Definition 3 by default.
        epsilon: threshold ε; a draw fits when L_train < ε.
        progress: called with a :class:`gncviz.Progress` a few times a second, from the thread that
            runs; or True for a tqdm bar.
        cancel: looked at between blocks; when set, the run returns what it has.
        **settings: further fields of :class:`gncviz.posterior.GuessAndCheckSettings`: ``method``
            ("plain" draws until enough fit; "splitting" goes down to ε level by level; "collapsed"
            integrates out the last layer; "auto" picks by short pilots and says why), ``samples``
            (draws wanted; of those that depend on each other or carry weights, as many as are
            worth that many independent ones), ``draws`` (budget of networks that are evaluated),
            ``seconds`` (budget of time), ``seed``, ``device`` ("auto" is the GPU where there is
            one, and the CPU where that one's memory runs short).

    Returns:
        Draws of the posterior, with weights where the method has them, those of the prior, and
        what they estimate. When nothing fits, the status is ``no_acceptance`` (or ``extinct``,
        where splitting found no way down) and the mean is NaN.

    Raises:
        SettingsError: a setting is out of range, names a device that is not there, or asks for more
            than fits into memory.

    Example:
        >>> from gncviz import Network, Task
        >>> post = guess_and_check(
        ...     Task.random(seed=0), Network(width=5), epsilon=0.05, samples=100, device="cpu"
        ... )
        >>> post.matrices.shape, bool((post.train_loss < 0.05).all())
        ((100, 5, 5), True)
    """
    # torch is loaded by the first call, not by the import: settings and pages do without it.
    from gncviz.devices import where_it_fits
    from gncviz.posterior.auto import sample
    from gncviz.posterior.problem import Problem

    prior = Prior() if prior is None else prior
    expect(task=task, network=network, prior=prior)
    wanted = GuessAndCheckSettings(epsilon=epsilon, **settings)
    run = Run(progress, cancel, wanted.seconds, wanted.draws)
    return where_it_fits(
        wanted.device,
        lambda device: sample(Problem.prepare(task, network, prior, wanted, run, device)),
        run.start_over,
    )
