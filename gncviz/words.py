"""Numbers in words, the same everywhere a person reads them."""

from __future__ import annotations

import math

#: Errors below this share of a number would take more digits than anybody reads.
_TINY = 1e-4
#: Shares between these are told as "1 in so many".
_RAREST, _RARE = 1e-9, 0.1


def grouped(number: int) -> str:
    """A whole number with its digits grouped by spaces.

    >>> grouped(100000)
    '100 000'
    """
    return f"{number:,}".replace(",", " ")


def scientific(number: float) -> str:
    """A positive number in two digits, small ones in the short scientific form.

    >>> scientific(0.00013), scientific(0.25)
    ('1.3e-4', '0.25')
    """
    if number == 0 or not math.isfinite(number) or 0.01 <= abs(number) < 1000:
        return f"{number:.2g}"
    return _short(number, 1)


def estimate(mean: float, stderr: float) -> str:
    """A mean with its standard error, both to the error's second digit.

    >>> estimate(0.12345, 0.0032), estimate(4.2e-5, 1.3e-6), estimate(0.041504, 1e-6)
    ('0.1235 ± 0.0032', '4.2e-5 ± 1.3e-6', '0.0415 ± 1.0e-6')
    """
    if not math.isfinite(stderr) or stderr <= 0:
        return scientific(mean)
    if stderr < _TINY * mean:
        return f"{mean:.4g} ± {scientific(stderr)}"
    if mean < 0.001:
        return f"{scientific(mean)} ± {scientific(stderr)}"
    digits = min(max(1 - math.floor(math.log10(stderr)), 2), 6)
    return f"{mean:.{digits}f} ± {stderr:.{digits}f}"


def odds(log10: float) -> str:
    """How many draws fit, of an acceptance given by its decimal logarithm, in words.

    >>> odds(-4.3422), odds(-0.3), odds(-12.1)
    ('1 in 22 000 fits', '50 % fit', '7.9e-13 fit')
    """
    if not math.isfinite(log10):
        return "none fits"
    share = 10.0**log10
    if share >= _RARE:
        return f"{100 * share:.2g} % fit"
    if share < _RAREST:
        return f"{power(log10)} fit"
    return f"1 in {grouped(int(float(f'{1 / share:.2g}')))} fits"


def duration(seconds: float) -> str:
    """A time span in the unit that suits it.

    >>> duration(0.34), duration(75), duration(8000)
    ('0.3 s', '1 min 15 s', '2 h 13 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def power(log10: float) -> str:
    """A positive number given by its decimal logarithm, however small.

    >>> power(-6.8), power(-421.3), power(-0.3)
    ('1.6e-7', '5.0e-422', '0.5')
    """
    if not math.isfinite(log10):
        return "0" if log10 < 0 else str(log10)
    if log10 > -300:
        return scientific(10.0**log10)
    exponent = math.floor(log10)
    return f"{10 ** (log10 - exponent):.1f}e{exponent}"


def plus_minus(value: float, error: float) -> str:
    """A value to the digits that its error allows.

    >>> plus_minus(0.06812, 0.0021), plus_minus(4e-7, 3e-9), plus_minus(1070.3, 38.0)
    ('0.068 ± 0.002', '4.00e-7 ± 3e-9', '1070 ± 40')
    """
    if not math.isfinite(error) or error <= 0 or value == 0:
        return f"{value:.2g} ± {error:.2g}"
    place = math.floor(math.log10(error))
    if 1e-3 <= abs(value) < 1e5:
        decimals = max(-place, 0)
        return f"{round(value, -place):.{decimals}f} ± {round(error, -place):.{decimals}f}"
    digits = max(math.floor(math.log10(abs(value))) - place, 0)
    return f"{_short(value, min(digits, 5))} ± {_short(error, 0)}"


def _short(number: float, decimals: int) -> str:
    mantissa, exponent = f"{number:.{decimals}e}".split("e")
    return f"{mantissa}e{int(exponent)}"
