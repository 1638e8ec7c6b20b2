"""Settings of a gradient descent run."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, model_validator

from gncviz.prior import Prior
from gncviz.settings import Device, Settings, SettingsError

StepRule = Literal["adaptive", "fixed"]
Start = Literal["uniform"]
Seed = Annotated[int, Field(ge=0, lt=2**63)]


def _law(value: Any) -> Any:
    """Refuses what is no law of weights: without it, pydantic complains once for each kind."""
    if isinstance(value, Prior | dict) or value in get_args(Start):
        return value
    raise ValueError(f'init should be "uniform" or a Prior, such as Prior(); got {value!r}.')


class DescentSettings(Settings):
    """How gradient descent runs; see :func:`gncviz.gradient_descent`."""

    trials: int = Field(8, ge=1, le=100_000, description="Independent initialisations.")
    lr: float = Field(1e-2, gt=0, description="Learning rate.")
    init: Annotated[Start | Prior, BeforeValidator(_law)] = Field(
        "uniform", description="Law of the initial weights: uniform on ±1/√fan_in, or a prior's."
    )
    init_scale: float = Field(1e-3, ge=0, description="Factor on the initial weights.")
    epochs: int = Field(20_000, ge=1, le=10**9, description="Largest number of epochs.")
    momentum: float = Field(0.0, ge=0, lt=1, description="Heavy-ball momentum.")
    step_rule: StepRule = Field("adaptive", description="How long a step is.")
    tolerance: float = Field(
        1e-10, ge=0, description="A trial ends when its training loss is below; 0: never."
    )
    seconds: float | None = Field(None, gt=0, description="Time budget in seconds.")
    seed: int = Field(0, ge=0, lt=2**63, description="Seed of the initialisations.")
    seeds: tuple[Seed, ...] | None = Field(
        None, description="One seed a trial, instead of one for all."
    )
    device: Device = "auto"

    @model_validator(mode="after")
    def _start_has_weights(self) -> DescentSettings:
        if isinstance(self.init, Prior) and self.init.normalize == "product":
            sentence = 'init.normalize should be False or True: "product" divides no weights.'
            raise SettingsError([("init.normalize", sentence)])
        return self

    @model_validator(mode="after")
    def _one_seed_a_trial(self) -> DescentSettings:
        if self.seeds is not None and len(self.seeds) != self.trials:
            sentence = f"seeds should be {self.trials}, one a trial; got {len(self.seeds)}."
            raise SettingsError([("seeds", sentence)])
        return self
