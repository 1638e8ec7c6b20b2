"""The activation functions σ, with the facts that the samplers and theorems ask about.

No torch import: every function works through tensor methods, so that settings can be built and
validated before torch is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

from pydantic import BeforeValidator, InstanceOf, PlainSerializer

from gncviz.settings import SettingsError

if TYPE_CHECKING:
    from torch import Tensor

ActivationName = Literal["linear", "tanh", "leaky_relu", "relu", "sin", "softsign"]


@dataclass(frozen=True)
class Sigma:
    """What is known of an entrywise activation σ.

    Attributes:
        label: how it is called in figures and on the page.
        function: ``(x, negative_slope) -> σ(x)``.
        derivative: ``(x, σ(x), negative_slope) -> σ'(x)``; at a kink, the value torch uses.
        antisymmetric: σ(−x) = −σ(x), a condition of Theorem 1.
        homogeneous: σ(c·x) = c·σ(x) for c > 0, so that normalizing factors or product is the same.
        smooth: without a kink; with one, the posterior lies in many pieces.
        linear: σ(x) = x, so that W is a plain product of matrices.
        own: a person's own function and no row of :data:`ACTIVATIONS`: it runs as Python, it is not
            looked into, and what takes a proof holds of it only where it is checked.
    """

    label: str
    function: Callable[[Tensor, float], Tensor]
    derivative: Callable[[Tensor, Tensor, float], Tensor]
    antisymmetric: bool
    homogeneous: bool
    smooth: bool
    linear: bool = False
    own: bool = False


def _leaky_relu(x: Tensor, slope: float) -> Tensor:
    # Right for slopes below one, and one pass less over memory than telling the sides apart.
    return x.maximum(x * slope)


def _leaky_relu_derivative(x: Tensor, _: Tensor, slope: float) -> Tensor:
    return (x > 0).to(x.dtype).mul_(1 - slope).add_(slope)


ACTIVATIONS: dict[str, Sigma] = {
    "linear": Sigma(
        "linear",
        lambda x, _: x,
        lambda x, y, _: x.new_ones(()).expand_as(x),
        True,
        True,
        True,
        linear=True,
    ),
    "tanh": Sigma("tanh", lambda x, _: x.tanh(), lambda x, y, _: 1 - y * y, True, False, True),
    "leaky_relu": Sigma("Leaky ReLU", _leaky_relu, _leaky_relu_derivative, False, True, False),
    "relu": Sigma(
        "ReLU", lambda x, _: x.clamp_min(0), lambda x, y, _: (x > 0).to(x.dtype), False, True, False
    ),
    "sin": Sigma("sine", lambda x, _: x.sin(), lambda x, y, _: x.cos(), True, False, True),
    "softsign": Sigma(
        "softsign",
        lambda x, _: x / (1 + x.abs()),
        lambda x, y, _: (1 + x.abs()).pow(-2),
        True,
        False,
        True,
    ),
}


@dataclass(frozen=True)
class Activation:
    """An activation of one's own, for ``Network(activation=...)``.

    It works wherever the built-in ones do, in all samplers, in gradient descent and in spectra, but
    runs as the Python that it is, without compiled kernels. Results have it by its name; what is
    written to files does not, for no file can keep a function.

    Args:
        name: of the function, in results and figures; none of the built-in ones.
        function: σ, from a torch tensor to one of the same shape, entry by entry.
        derivative: σ', likewise; by default torch differentiates ``function``.

    Raises:
        SettingsError: function gives no such tensor, changes what it is given, or mixes entries; or
            the derivative is not what difference quotients say.

    Example:
        >>> import torch
        >>> swish = Activation("swish", lambda x: x * torch.sigmoid(x))
        >>> swish.sigma.antisymmetric
        False
    """

    name: str
    function: Callable[[Tensor], Tensor]
    derivative: Callable[[Tensor], Tensor] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip() or self.name in ACTIVATIONS:
            taken = ", ".join(ACTIVATIONS)
            _refuse("name", f"name should be a new one, and none of {taken}; got {self.name!r}.")
        _check_values(self.function)
        _check_derivative(self.sigma, "function" if self.derivative is None else "derivative")

    @cached_property
    def sigma(self) -> Sigma:
        """What is known of it: whether it is anti-symmetric, on points; else nothing."""
        import torch

        given, function = self.derivative, self.function

        def derivative(x: Tensor, _: Tensor, __: float) -> Tensor:
            return _by_torch(function, x) if given is None else given(x)

        x = _points()
        return Sigma(
            label=self.name,
            function=lambda x, _: function(x),
            derivative=derivative,
            antisymmetric=torch.allclose(function(-x), -function(x)),
            homogeneous=False,
            smooth=False,
            own=True,
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # Other processes make it anew: what is found out about it is made of local functions.
        return Activation, (self.name, self.function, self.derivative)

    @property
    def not_kept(self) -> str:
        """Why no file has it."""
        return (
            f"activation {self.name!r} is a function of your own, which no file can keep: keep the "
            "lines of Python that make it, and its results in memory."
        )


#: Steps of difference quotients, and what these may be off by, relative to slopes of one and above.
_STEP, _OFF = 1e-6, 1e-4


def _points() -> Tensor:
    """Where functions are looked at: both signs, and no round number, where kinks are."""
    import torch

    return torch.linspace(-5.0371, 5.1173, 100, dtype=torch.float64)


def _check_values(function: Any) -> None:
    import torch

    if not callable(function):
        _refuse("function", f"function should be a function of a tensor; got {function!r}.")
    for dtype in (torch.float64, torch.float32):
        x = _points().to(dtype)
        kept = x.clone()
        y = _called("function", function, x)
        if not torch.equal(x, kept):
            _refuse("function", "function should leave the tensor that it is given as it is.")
        if not torch.isfinite(y).all():
            at = float(x[~torch.isfinite(y)][0])
            _refuse("function", f"function should be finite; at {at:.3g} it is not.")
        if not torch.allclose(_called("function", function, x.flip(0)[:50]), y.flip(0)[:50]):
            _refuse("function", "function should work entry by entry; it mixes entries.")
        square = x.view(10, 10)
        if not torch.allclose(_called("function", function, square), y.view(10, 10)):
            _refuse("function", "function should work entry by entry; it minds the shape.")


def _check_derivative(sigma: Sigma, name: str) -> None:
    """Holds the derivative to difference quotients."""
    x = _points()
    found = _called(name, lambda x: sigma.derivative(x, x, 0.0), x)
    above, below = (sigma.function(x + step, 0.0) for step in (_STEP, -_STEP))
    quotient = (above - below) / (2 * _STEP)
    off = (found - quotient).abs() > _OFF * quotient.abs().clamp_min(1)
    if off.any():
        at, ours, theirs = (float(part[off][0]) for part in (x, found, quotient))
        what = "derivative" if name == "derivative" else "torch's derivative of function"
        sentence = f"{what} should be its slope; at {at:.3g} it is {ours:.5g}"
        _refuse(name, f"{sentence}, where the function's difference quotient is {theirs:.5g}.")


def _called(name: str, function: Callable[[Tensor], Any], x: Tensor) -> Tensor:
    """A function's value, if it is a tensor like its argument."""
    import torch

    try:
        y = function(x)
    except SettingsError:
        raise
    except Exception as error:
        _refuse(name, f"{name} should work on torch tensors; it fails: {error}.")
    if not isinstance(y, torch.Tensor) or y.shape != x.shape or y.dtype != x.dtype:
        got = f"{type(y).__name__} {tuple(getattr(y, 'shape', ()))} {getattr(y, 'dtype', '')}"
        wanted = f"a tensor of the shape and dtype that it is given, {tuple(x.shape)} {x.dtype}"
        _refuse(name, f"{name} should give {wanted}; got {got.strip()}.")
    return y


def _by_torch(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """The derivative of an entrywise function, by torch, whatever it is in the middle of."""
    import torch

    with torch.inference_mode(False), torch.enable_grad():
        here = x.detach().clone().requires_grad_()
        try:
            (found,) = torch.autograd.grad(function(here).sum(), here)
        except RuntimeError as error:
            sentence = "function should be one that torch can differentiate, or have a derivative"
            _refuse("function", f"{sentence}: {str(error).partition(chr(10))[0]}.")
    return found


def _refuse(name: str, sentence: str) -> NoReturn:
    raise SettingsError([(name, sentence)])


def _known(value: Any) -> Any:
    """Refuses what is no activation."""
    if isinstance(value, Activation) or (isinstance(value, str) and value in ACTIVATIONS):
        return value
    allowed = ", ".join(ACTIVATIONS)
    raise ValueError(
        f"activation should be one of {allowed}, or an Activation of your own; got {value!r}."
    )


#: Of a network's settings; written down by name.
AnyActivation = Annotated[
    ActivationName | InstanceOf[Activation],
    BeforeValidator(_known),
    PlainSerializer(lambda value: value if isinstance(value, str) else value.name),
]
