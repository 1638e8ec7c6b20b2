"""The law of a layered network's output under a prior, in all exact forms there are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gncviz.kernels.plans import BY_FACTORS, BY_PRODUCT, NOT_AT_ALL, SIGMAS, LawPlan
from gncviz.models.dense.bartlett import BartlettLaw, reducible
from gncviz.models.dense.readout import DenseReadout, readable
from gncviz.models.law import DirectLaw
from gncviz.models.products import frobenius_norm, product
from gncviz.models.protocols import Stack

if TYPE_CHECKING:
    from torch import Tensor

    from gncviz.models.dense.network import Network
    from gncviz.models.protocols import AnyTask, Law, Readout
    from gncviz.prior import Prior

#: From this depth on, the norm that divides the factors may be too small for float32.
_DEEP = 30


@dataclass(frozen=True)
class DenseLaw(DirectLaw):
    """The law over all weights, with normalization at the price of one pass where σ allows it."""

    @property
    def bias(self) -> float | None:
        """The factor on the biases' Q; None where there are none."""
        scale: float | None = self.network.bias_scale(self.task.inputs is not None)
        return scale

    @cached_property
    def scales(self) -> list[float]:
        """Factors of the layers; a column of biases has its own."""
        biases = int(self.bias is not None)
        return [self.prior.layer_scale((rows, cols - biases)) for rows, cols in self.shapes]

    def scaled(self, layer: Tensor, number: int) -> Tensor:
        """The weights of a layer, (rows, columns, C), for its draws of Q.

        Args:
            layer: the draws.
            number: of the layer.
        """
        if self.bias is None:
            return layer * self.scales[number]
        factors = layer.new_full((layer.shape[1], 1), self.scales[number])
        factors[-1] = self.bias
        return layer * factors

    def weights(self, entries: Tensor) -> list[Tensor]:
        """W_1..W_d before normalization, each with shape (rows, columns, C)."""
        return [self.scaled(layer, number) for number, layer in enumerate(self.layers(entries))]

    @property
    def readout(self) -> Readout | None:
        """The last layer given the rest, where W is Gaussian in it."""
        return DenseReadout(self) if self.unreadable is None else None

    @property
    def unreadable(self) -> str | None:
        """What a readout would need, and what there is instead; None where there is one."""
        return readable(self)

    @property
    def stack(self) -> Stack | None:
        """The network unit by unit, on inputs and under a Gaussian prior without normalization."""
        if self.task.inputs is None or not self.prior.q.gaussian or self.prior.normalize:
            return None
        return stack_of(self)

    @property
    def linear_blocks(self) -> tuple[int, ...]:
        """Layers in which W is linear up to a factor, and whose entries are normals themselves."""
        last, sigma = len(self.shapes) - 1, self.network.sigma
        by_factors = self.prior.normalize is True and not sigma.homogeneous
        other = self.task.inputs is not None or self.bias is not None
        if by_factors or not self.prior.q.gaussian or other:
            return ()
        return tuple(range(last + 1)) if sigma.linear else (last,)

    def around(self, entries: Tensor, block: int) -> tuple[Tensor, Tensor]:
        """L and R with W = c·L Z R for a layer Z in which W is linear, c > 0.

        Args:
            entries: with shape (D, C).
            block: its number, of :attr:`linear_blocks`.

        Returns:
            L, with shape (m, rows of Z, C), and R, with shape (columns of Z, m', C).
        """
        import torch

        weights, network = self.weights(entries), self.network
        rows, cols = self.task.output_shape

        def identity(size: int) -> Tensor:
            return torch.eye(size, dtype=entries.dtype, device=entries.device)[:, :, None].repeat(
                1, 1, entries.shape[1]
            )

        left = identity(rows)
        for layer in reversed(weights[block + 1 :]):
            left = product(left, layer)
        return left, network.hidden(weights[:block]) if block else identity(cols)

    def plan(self) -> LawPlan | None:
        """The law for kernels; None where they do not know the network, or it is for data."""
        layers = self.network.layers(self.task)
        if layers is None or self.task.inputs is not None:
            return None
        homogeneous = self.prior.normalize and self.network.sigma.homogeneous
        normalize = NOT_AT_ALL if not self.prior.normalize else BY_FACTORS
        if homogeneous or self.prior.normalize == "product":
            normalize = BY_PRODUCT
        even, scales = not self.prior.q.gaussian, tuple(self.scales)
        return LawPlan(layers, scales, even, normalize, bool(homogeneous))

    def outputs(self, entries: Tensor) -> Tensor:
        """Flattened W (m·m', C) for entries (D, C).

        A draw whose product is exactly zero (all units of a ReLU network dead) has no direction;
        it stays zero under normalization.
        """
        if self.bias is not None:
            return super().outputs(entries)
        return self._matrices(entries).reshape(-1, entries.shape[1])

    def _matrices(self, entries: Tensor) -> Tensor:
        layers, scales, network = self.layers(entries), self.scales, self.network
        inputs = self.inputs_like(entries)
        if not self.prior.normalize:
            return network.forward(layers, inputs, scales=scales)
        if network.sigma.homogeneous:
            # The norm that divides the product takes the factors of its layers with it.
            whole = network.forward(layers, inputs, rescale=True)
            return whole / frobenius_norm(whole)
        if network.depth > _DEEP and self.prior.normalize != "product":
            layers = [layer.double() for layer in layers]
        whole = network.forward(layers, inputs, scales=scales)
        norm = frobenius_norm(whole)
        if self.prior.normalize == "product":
            return whole / norm
        shrink = norm.pow(-1 / network.depth)
        shrunk = [shrink * scale for scale in scales]
        return network.forward(layers, inputs, scales=shrunk).to(entries.dtype)


def stack_of(law: DenseLaw) -> Stack:
    """A network on inputs, unit by unit.

    Args:
        law: of its outputs, Gaussian without normalization.
    """
    import numpy as np

    network, bias = law.network, law.bias
    inputs = law.scales[0] * law.task.inputs
    if bias is not None:
        inputs = np.vstack([inputs, np.full((1, inputs.shape[1]), bias)])
    known = isinstance(network.activation, str)
    return Stack(
        inputs=inputs,
        widths=tuple(rows for rows, _ in law.shapes[:-1]),
        outputs=law.shapes[-1][0],
        scales=tuple(law.scales[1:]),
        bias=bias,
        function=lambda x: network.sigma.function(x, network.negative_slope),
        sigma=SIGMAS.get(network.activation) if known else None,
        slope=network.negative_slope,
    )


def laws(network: Network, task: AnyTask, prior: Prior) -> tuple[Law, ...]:
    """The direct law first; then, for wide linear networks, Bartlett's.

    Args:
        network: the model.
        task: tells the shape of W.
        prior: over the weights.
    """
    direct = DenseLaw(network, prior, task)
    if reducible(network, prior, task) is not None:
        return (direct,)
    return direct, BartlettLaw(network, prior, *task.output_shape)
