"""Gradient descent on the training loss, all trials in one batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gncviz.descent.result import GradientDescentResult, TrialStatus
from gncviz.descent.settings import DescentSettings
from gncviz.models.asked import expect
from gncviz.models.protocols import AnyNetwork, AnyTask
from gncviz.progress import Cancel, Progress, Run
from gncviz.settings import SettingsError

__all__ = ["DescentSettings", "GradientDescentResult", "TrialStatus", "gradient_descent"]


def gradient_descent(
    task: AnyTask | Sequence[AnyTask],
    network: AnyNetwork,
    *,
    progress: Callable[[Progress], object] | bool | None = None,
    cancel: Cancel | None = None,
    **settings: Any,
) -> GradientDescentResult:
    """Minimizes the training loss by full-batch gradient descent (Sec. 3.4 and App. G).

    Weights start uniform on ±init_scale/√fan_in, or at init_scale times a draw of a prior. Each
    step moves all layers by −step·v, where v ← momentum·v + gradient. step_rule "fixed": step = lr.
    "adaptive", the paper's (App. D.2 of arXiv 2201.11729): s ← 0.99 s + 0.01 ‖gradient‖² over all
    layers together, and step = lr / (√(s / (1 − 0.99^t)) + 1e-6) at epoch t. All of it in float64.

    A trial ends when its training loss falls below the tolerance, or when it diverges; the run
    ends when all trials have, or at the last epoch.

    Args:
        task: one task for all trials, which then differ in their initialisation; or a sequence of
            tasks of one shape, one a trial.
        network: the model.
        progress: called with a :class:`gncviz.Progress` a few times a second, from the thread that
            runs; or True for a tqdm bar.
        cancel: looked at all the time; when set, the run returns what it has.
        **settings: the fields of :class:`gncviz.descent.DescentSettings`: ``trials``, ``lr``,
            ``init`` ("uniform", or a :class:`gncviz.Prior`), ``init_scale``, ``epochs``,
            ``momentum`` (heavy ball), ``step_rule`` ("adaptive", the paper's, or "fixed"),
            ``tolerance`` (0: run every epoch), ``seconds`` (budget of time), ``seed``, ``seeds``
            (one a trial, each trial then being that of a run of its own), ``device`` ("auto" is the
            GPU where there is one and a million weights in all, and the CPU where that one's memory
            runs short).

    Returns:
        The final matrices, their losses and the learning curves. A diverged trial is reported as
        such; its losses are NaN.

    Raises:
        SettingsError: a setting is out of range, or the tasks differ in shape.

    Example:
        >>> from gncviz import Network, Task
        >>> gd = gradient_descent(
        ...     Task.random(seed=0), Network(width=5), trials=2, lr=1e-3, tolerance=1e-6
        ... )
        >>> [status.value for status in gd.status], bool((gd.gen_loss < 0.1).all())
        (['converged', 'converged'], True)
    """
    # torch is loaded by the first call, not by the import: settings and pages do without it.
    from gncviz.descent.run import Descent, device_name
    from gncviz.devices import where_it_fits

    tasks = list(task) if isinstance(task, Sequence) else None
    for one in [task] if tasks is None else tasks:
        expect(task=one, network=network)
    if tasks is not None:
        settings = {"trials": len(tasks), **settings}
    wanted = DescentSettings(**settings)
    if tasks is None:
        tasks = [task] * wanted.trials  # type: ignore[list-item]
    if wanted.trials != len(tasks):
        sentence = f"trials should be {len(tasks)}, one for each task given; got {wanted.trials}."
        raise SettingsError([("trials", sentence)])
    shapes = sorted({t.output_shape for t in tasks})
    if len(shapes) > 1:
        raise SettingsError([("task", f"task must be of one shape in all trials; got {shapes}.")])
    run = Run(progress, cancel, wanted.seconds)
    return where_it_fits(
        device_name(tasks, network, wanted),
        lambda device: Descent(tasks, network, wanted, device).run(run),
        run.start_over,
    )
