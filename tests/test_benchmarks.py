"""The benchmark of one GPU, as far as it can be run without one."""

from __future__ import annotations

import pytest

from benchmarks import gpu, measure
from benchmarks.__main__ import main


def test_one_sentence_where_there_is_no_gpu(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("sys.argv", ["benchmarks", "gpu"])
    assert main() == 2
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out == (
        "No GPU is here: torch sees no CUDA device, so that there is nothing to measure.\n"
    )


@pytest.mark.slow
def test_everything_in_it_runs(monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    small = [(name, net, 200, 100, 400, target) for name, net, *_, target in gpu._PLAIN]
    for name, value in {
        "_PLAIN": small,
        "_TRIALS": (2,),
        "_EPOCHS": 20,
        "_NAIVE_EPOCHS": 2,
        "_PARTICLES": 64,
        "_MOVES": 4,
        "_SIDE": 16,
        "_FIGURE_DRAWS": 100_000,
        "_SEEDS": 1,
        "ACTIVATIONS": ("linear",),
    }.items():
        monkeypatch.setattr(gpu, name, value)
    monkeypatch.setattr(gpu, "compare", lambda *given, **asked: _once(*given, **asked))
    found = list(gpu.comparisons(device))
    assert len(found) == 5
    assert all(one.naive > 0 and one.ours > 0 for one in found)
    assert found[0].target == 30
    assert gpu.operations_a_second(device) > 0
    # One product of 5 × 5 matrices, 125 multiplications and as many additions.
    name, network = "Guess & Check, k=5, d=2", gpu._PLAIN[0][1]
    assert gpu.operations(network) == 250
    assert gpu.draws_a_second(measure.Comparison(name, "ns a draw", 1000.0, 2.0), 1e12) == (
        f"{name}: 5e+08 draws a second, naively 1e+06; products of layers are 12 % of what a large "
        "product attains"
    )
    (told,) = gpu.figure_1(device)
    assert told.startswith("Figure 1, linear: 6 trials of 1e+05 draws in ")
    assert int(told.split()[-2]) > 0


def _once(*given: object, **asked: object) -> measure.Comparison:
    return measure.compare(*given, **asked, repeats=1)  # type: ignore[arg-type]
