"""A fully connected network; read as a matrix factorization (Eq. 4), or applied to data.

Column j of W = W_d σ(W_{d−1} σ(… σ(W_1)…)) is the network at the standard basis vector e_j
(App. A.1), so that inputs X only multiply the first layer. Biases are a last column of each layer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from gncviz.activation import ACTIVATIONS, AnyActivation, Sigma
from gncviz.kernels.plans import SIGMAS, Layers
from gncviz.models.products import frobenius_norm, product
from gncviz.settings import Settings

if TYPE_CHECKING:
    from torch import Tensor

    from gncviz.models.protocols import AnyTask, Blocks, Law, Slope
    from gncviz.prior import Prior

#: Layers between two rescalings of a normalized product: far too few to leave float32's range.
_RESCALE_EVERY = 8
#: The factor on Q that a bias has, unless another is given.
BIAS = 0.1

#: A layer as what multiplies, and its biases; None where it has none.
Affine = tuple["Tensor", "Tensor | None"]


class Network(Settings):
    """W = W_d σ(W_{d−1} σ(… σ(W_1)…)), σ entrywise and not after the last product (Eq. 4).

    Args:
        width: k, the rows of every layer but the last. The paper's theorems take k ≥ min(m, m');
            a smaller width limits the rank of W and is allowed.
        depth: d, the number of layers; 1 is the bare matrix W_1.
        activation: σ, one of "linear", "tanh", "leaky_relu", "relu", "sin", "softsign", or a
            :class:`gncviz.Activation` of one's own.
        negative_slope: slope of Leaky ReLU left of 0 (the paper: 0.2); the others ignore it.
        bias: whether each layer has biases: None, for data and not for matrices; True or False; or
            the factor on Q that they have under a prior, 0.1 unless given.

    Raises:
        SettingsError: a field is out of range.

    Example:
        >>> Network(width=5, depth=3).layer_shapes(rows=4, cols=6)
        [(5, 6), (5, 5), (4, 5)]
    """

    width: int = Field(5, ge=1, le=100_000, description="Width k: units in every hidden layer.")
    depth: int = Field(2, ge=1, le=1000, description="Depth d: number of layers.")
    activation: AnyActivation = Field("linear", description="Activation σ.")
    negative_slope: float = Field(0.2, ge=0, lt=1, description="Slope of Leaky ReLU below zero.")
    bias: bool | Annotated[float, Field(gt=0)] | None = Field(
        None, description="Biases, or their scale; None: on data only."
    )

    @property
    def sigma(self) -> Sigma:
        """The activation and what is known of it."""
        given = self.activation
        return ACTIVATIONS[given] if isinstance(given, str) else given.sigma

    @property
    def homogeneous(self) -> bool:
        """Whether multiplying the weights by a positive number multiplies W by one."""
        return self.sigma.homogeneous

    @property
    def label(self) -> str:
        """The network in words for titles, such as "linear, width 5, depth 2"."""
        return f"{self.sigma.label}, width {self.width}, depth {self.depth}"

    @property
    def effort(self) -> float:
        """How much longer sampling takes than for a linear network; most with a kink in σ."""
        return 1.0 if self.sigma.linear else 2.0 if self.sigma.smooth else 5.0

    def bias_scale(self, on_data: bool) -> float | None:
        """The factor on Q that biases have under a prior; None where there are none.

        Args:
            on_data: whether the network is applied to inputs.
        """
        wanted = on_data if self.bias is None else self.bias
        if isinstance(wanted, bool):
            return BIAS if wanted else None
        return wanted

    def layer_shapes(self, rows: int, cols: int) -> list[tuple[int, int]]:
        """Shapes of W_1..W_d for an (m, m') = (rows, cols) matrix, first layer first, no biases.

        Args:
            rows: rows m of W.
            cols: columns m' of W.
        """
        if self.depth == 1:
            return [(rows, cols)]
        inner = [(self.width, self.width)] * (self.depth - 2)
        return [(self.width, cols), *inner, (rows, self.width)]

    def weight_count(self, rows: int, cols: int) -> int:
        """How many weights the network has for an (m, m') = (rows, cols) matrix.

        Args:
            rows: rows m of W.
            cols: columns m' of W.
        """
        return sum(r * c for r, c in self.layer_shapes(rows, cols))

    def blocks(self, task: AnyTask) -> list[tuple[int, int]]:
        """Shapes of W_1..W_d for a task, a column of biases included where there are any.

        Args:
            task: of matrices (m, m'), or of outputs (d_out, N) at inputs (d_in, N).
        """
        rows, cols = task.output_shape
        shapes = self.layer_shapes(rows, cols if task.inputs is None else len(task.inputs))
        if self.bias_scale(task.inputs is not None) is None:
            return shapes
        return [(rows, cols + 1) for rows, cols in shapes]

    def layers(self, task: AnyTask) -> Layers | None:
        """The network for kernels; None where they know no such activation, or it has biases.

        Args:
            task: as for :meth:`blocks`.
        """
        number = SIGMAS.get(self.activation) if isinstance(self.activation, str) else None
        if number is None or self.bias_scale(task.inputs is not None) is not None:
            return None
        return Layers(tuple(self.blocks(task)), number, self.negative_slope)

    def laws(self, task: AnyTask, prior: Prior) -> tuple[Law, ...]:
        """The law of W in all exact forms there are.

        Args:
            task: tells the shape of W.
            prior: over the weights.
        """
        from gncviz.models.dense.law import laws

        return laws(self, task, prior)

    def forward(
        self,
        weights: Sequence[Tensor],
        inputs: Tensor | None = None,
        *,
        scales: Sequence[float | Tensor] | None = None,
        rescale: bool = False,
    ) -> Tensor:
        """The output of each network.

        Args:
            weights: W_1..W_d, each with shape (rows, columns, C) for C networks; where there are
                biases, they are the last column.
            inputs: X, with shape (d_in, N, 1) or (d_in, N, C); the identity by default.
            scales: factors of the layers, numbers or tensors with shape (1, 1, C). Taken into
                account when a layer has been applied, they cost less than on its weights.
            rescale: every few layers, divide what a hidden layer passes on by its Frobenius norm.
                For a positively homogeneous σ this changes W only by a positive factor, and keeps
                a deep product of small factors from vanishing in floating point.

        Returns:
            W, or the outputs at X, with shape (m, m', C) and the dtype of the weights.
        """
        layers = self._affine(weights, inputs, 1)
        passed = self._through(layers, inputs, product, scales, rescale)
        return deque(passed, maxlen=1)[0][1]

    def gradient(
        self, weights: Blocks, slope: Slope, into: Blocks, inputs: Tensor | None = None
    ) -> Callable[[], Tensor]:
        """The gradient of a loss by every layer, by the chain rule written out.

        With so few numbers a network, the time goes into starting operations, not into arithmetic:
        this takes half as many of them as a recorded graph.

        Args:
            weights: W_1..W_d, each with shape (rows, columns, C).
            slope: the gradient of the loss by flattened outputs, (P, C) to (P, C).
            into: where the gradient by each layer is written; same shapes as ``weights``.
            inputs: X, as in :meth:`forward`.

        Returns:
            What computes it at the present weights, whenever it is called; it gives the outputs
            there, with shape (m, m', C).
        """
        import torch

        # Network after network: a single product for each of the few that there are is the fastest.
        layers, slopes = (
            self._affine([each.permute(2, 0, 1) for each in part], inputs, 2)
            for part in (weights, into)
        )
        count = weights[0].shape[2]
        given = None if inputs is None else inputs.permute(2, 0, 1).expand(count, -1, -1)
        sigma, negative_slope = self.sigma, self.negative_slope

        def write(number: int, back: Tensor, below: Tensor | None) -> None:
            by_weights, by_biases = slopes[number]
            if below is None:
                by_weights.copy_(back)
            else:
                torch.bmm(back, below.mT, out=by_weights)
            if by_biases is not None:
                torch.sum(back, dim=2, keepdim=True, out=by_biases)

        def compute() -> Tensor:
            passed = list(self._through(layers, given, torch.bmm))
            outputs = passed[-1][1]
            back = slope(outputs.flatten(1).T).T.view_as(outputs)
            for j in range(len(layers) - 1, 0, -1):
                below = passed[j][0]
                assert below is not None
                write(j, back, below)
                back = layers[j][0].mT.bmm(back)
                if not sigma.linear:
                    back = back * sigma.derivative(passed[j - 1][1], below, negative_slope)
            write(0, back, given)
            return outputs.permute(1, 2, 0)

        return compute

    def hidden(self, weights: Sequence[Tensor], inputs: Tensor | None = None) -> Tensor:
        """What the last layer is applied to, σ(W_{d−1} σ(… σ(W_1 X)…)), with shape (k, m', C).

        Args:
            weights: W_1..W_{d−1}, each with shape (rows, columns, C).
            inputs: X, as in :meth:`forward`.
        """
        return self.sigma.function(self.forward(weights, inputs), self.negative_slope)

    def _affine(self, weights: Sequence[Tensor], inputs: Tensor | None, axis: int) -> list[Affine]:
        """Layers as what multiplies and what is added, views of them.

        Args:
            weights: W_1..W_d.
            inputs: what the first one is applied to; where it has a column more, that is biases.
            axis: that of the columns.
        """
        biased = self.bias_scale(on_data=False) is not None
        if inputs is not None:
            biased = weights[0].shape[axis] > len(inputs)
        if not biased:
            return [(layer, None) for layer in weights]
        columns = [layer.shape[axis] - 1 for layer in weights]
        return [
            (layer.narrow(axis, 0, count), layer.narrow(axis, count, 1))
            for layer, count in zip(weights, columns, strict=True)
        ]

    def _through(
        self,
        layers: Sequence[Affine],
        inputs: Tensor | None,
        times: Callable[[Tensor, Tensor], Tensor] = product,
        scales: Sequence[float | Tensor] | None = None,
        rescale: bool = False,
    ) -> Iterator[tuple[Tensor | None, Tensor]]:
        """Yields for each layer what it is applied to and what it gives; the one forward pass.

        The arguments are those of :meth:`forward`, and ``times``, the product of what they are.
        """
        function, negative_slope = self.sigma.function, self.negative_slope
        below, here = inputs, None
        for j, (layer, bias) in enumerate(layers):
            if here is not None:
                below = function(here, negative_slope)
                if rescale and j % _RESCALE_EVERY == 0:
                    below = below / frobenius_norm(below)
            here = layer if below is None else times(layer, below)
            if bias is not None:
                here = here + bias
            if scales is not None:
                here = here * scales[j]
            yield below, here
