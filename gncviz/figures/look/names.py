"""What a setting is called beside others: by that in which it differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gncviz.network import Network
from gncviz.task import Task
from gncviz.words import printed

if TYPE_CHECKING:
    from gncviz.posterior import GuessAndCheckResult
    from gncviz.prior import Prior
    from gncviz.task import TaskSettings

_NORMALIZED = {False: "not normalized", True: "normalized", "product": "product normalized"}
_SCALING = {"fan_in": "fan-in", "fan_out": "fan-out"}


def traits(
    network: Network, prior: Prior, task: TaskSettings | None, epsilon: float
) -> dict[str, str]:
    """All that tells one setting from another, each trait in a word or two.

    Args:
        network: the network.
        prior: over its weights.
        task: the recipe of the task; None where it was made of a person's own arrays.
        epsilon: the threshold.
    """
    words = {
        "activation": network.sigma.label,
        "width": f"width {network.width}",
        "depth": f"depth {network.depth}",
        "family": f"{prior.family} prior",
        "normalize": _NORMALIZED[prior.normalize],
        "scaling": _SCALING[prior.scaling],
    }
    if task is not None:
        words |= {
            "kind": task.kind,
            "size": f"{task.rows} × {task.cols}",
            "rank": f"rank {task.rank}",
            "norm": f"norm {task.norm:g}",
            "measurements": f"{task.measurements} measurements",
            "seed": f"seed {task.seed}",
        }
    return words | {"epsilon": f"ε = {printed(epsilon)}"}


def apart(one: dict[str, str], other: dict[str, str]) -> str:
    """What ``one`` has and ``other`` has not, of their :func:`traits`; empty if nothing."""
    return ", ".join(word for trait, word in one.items() if other.get(trait) != word)


def pin_name(letter: str, pinned: GuessAndCheckResult, post: GuessAndCheckResult) -> str:
    """What a kept run is called beside the present one, such as "width 5".

    Args:
        letter: its name where nothing tells the two apart.
        pinned: the kept run.
        post: the present one.
    """
    return apart(_traits_of(pinned), _traits_of(post)) or letter


def _traits_of(post: GuessAndCheckResult) -> dict[str, str]:
    network, task, epsilon = post.network, post.task, post.settings.epsilon
    if isinstance(network, Network) and isinstance(task, Task):
        return traits(network, post.prior, task.settings, epsilon)
    return {"network": network.label, "epsilon": f"ε = {printed(epsilon)}"}
