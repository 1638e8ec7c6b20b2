"""Settings of a Guess & Check run."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gncviz.settings import Device, Settings

Method = Literal["auto", "plain", "splitting", "collapsed"]


class GuessAndCheckSettings(Settings):
    """How the posterior P(W | L_train < ε) is sampled; see :func:`gncviz.guess_and_check`."""

    epsilon: float = Field(0.02, gt=0, description="Threshold ε on the training loss.")
    method: Method = Field("auto", description="How the posterior is sampled.")
    samples: int = Field(2000, ge=1, le=10**7, description="Effective posterior draws wanted.")
    draws: int = Field(
        10_000_000, ge=1, le=10**15, description="Networks that may be evaluated, pilots included."
    )
    seconds: float | None = Field(None, gt=0, description="Time budget in seconds.")
    seed: int = Field(0, ge=0, lt=2**63, description="Seed of the draws.")
    device: Device = "auto"
