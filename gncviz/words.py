"""Numbers in words, the same everywhere a person reads them; short whatever the number is."""

from __future__ import annotations

import math
import re

#: Errors below this share of a number would take more digits than anybody reads.
_TINY = 1e-4
#: Numbers from here on are not written out.
_LARGE = 1e5
#: Shares between these are told as "1 in so many".
_RAREST, _RARE = 1e-9, 0.1
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def grouped(number: int) -> str:
    """A whole number with its digits grouped by spaces.

    >>> grouped(100000)
    '100 000'
    """
    return f"{number:,}".replace(",", " ")


def scientific(number: float) -> str:
    """A number in two digits, small and large ones in the short scientific form.

    >>> scientific(0.00013), scientific(0.25), scientific(254), scientific(25400)
    ('1.3e-4', '0.25', '250', '2.5e4')
    """
    if not math.isfinite(number):
        return str(number)
    # Two digits decide on the form, too: 999.9 is 1.0e3.
    rounded = float(f"{number:.1e}")
    if rounded == 0 or 0.01 <= abs(rounded) < 1000:
        return f"{rounded + 0.0:g}"
    return _short(number, 1)


def estimate(mean: float, stderr: float) -> str:
    """A mean with its standard error, both to the error's second digit.

    Below 0.001 and from 100 000 on, each in two digits; without an error, or with none that counts,
    the mean in two or four.

    >>> estimate(0.12345, 0.0032), estimate(4.2e-5, 1.3e-6), estimate(0.041504, 1e-6)
    ('0.1235 ± 0.0032', '4.2e-5 ± 1.3e-6', '0.0415 ± 1.0e-6')
    """
    if not (math.isfinite(mean) and math.isfinite(stderr)) or stderr <= 0:
        return scientific(mean)
    if stderr < _TINY * abs(mean):
        return f"{_plain(mean, 4)} ± {scientific(stderr)}"
    if abs(mean) < 0.001 or max(abs(mean), stderr) >= _LARGE:
        return f"{scientific(mean)} ± {scientific(stderr)}"
    digits = min(max(1 - math.floor(math.log10(stderr)), 0), 6)
    return f"{mean:.{digits}f} ± {stderr:.{digits}f}"


def odds(log10: float) -> str:
    """How many draws fit, of an acceptance given by its decimal logarithm, in words.

    >>> odds(-4.3422), odds(-0.3), odds(-12.1)
    ('1 in 22 000 fits', '50 % fit', '1 in 1.3·10¹² fits')
    """
    if not math.isfinite(log10):
        return "none fits"
    share = 10.0**log10
    if share >= _RARE:
        return f"{100 * share:.2g} % fit"
    if share < _RAREST:
        return f"1 in {as_in_print(power(-log10))} fits"
    return f"1 in {grouped(int(float(f'{1 / share:.2g}')))} fits"


def duration(seconds: float) -> str:
    """A time span in the unit that suits it.

    >>> duration(0.34), duration(75), duration(8000), duration(400_000), duration(1e10)
    ('0.3 s', '1 min 15 s', '2 h 13 min', '4 d 15 h', '320 years')
    """
    if not math.isfinite(seconds) or round(seconds) < 60:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 100:
        return f"{hours} h {minutes} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if days < 1000 else f"{scientific(days / 365.25)} years"


def power(log10: float) -> str:
    """A positive number given by its decimal logarithm, however small or large.

    >>> power(-6.8), power(-421.3), power(-0.3)
    ('1.6e-7', '5.0e-422', '0.5')
    """
    if not math.isfinite(log10):
        return "0" if log10 < 0 else str(log10)
    if abs(log10) < 300:
        return scientific(10.0**log10)
    exponent = math.floor(log10)
    mantissa = f"{10 ** (log10 - exponent):.1f}"
    return f"1.0e{exponent + 1}" if mantissa == "10.0" else f"{mantissa}e{exponent}"


def plus_minus(value: float, error: float) -> str:
    """A value to the digits that its error allows, five behind the first at most.

    >>> plus_minus(0.06812, 0.0021), plus_minus(4e-7, 3e-9), plus_minus(1070.3, 38.0)
    ('0.068 ± 0.002', '4.00e-7 ± 3e-9', '1070 ± 40')
    """
    if not (math.isfinite(value) and math.isfinite(error)) or error <= 0 or value == 0:
        return f"{scientific(value)} ± {scientific(error)}"
    place, first = math.floor(math.log10(error)), math.floor(math.log10(abs(value)))
    digits = min(max(first - place, 0), 5)
    if 1e-3 <= abs(value) < _LARGE and error < _LARGE and first - place <= 5:
        decimals = max(-place, 0)
        # No minus before a zero.
        near = round(value, -place) + 0.0
        return f"{near:.{decimals}f} ± {round(error, -place):.{decimals}f}"
    return f"{_short(value, digits)} ± {_short(error, 0)}"


def _plain(number: float, digits: int) -> str:
    """So many digits, without an exponent where that is short."""
    written_out = 1e-3 <= abs(number) < _LARGE
    return f"{number:.{digits}g}" if written_out else _short(number, digits - 1)


def _short(number: float, decimals: int) -> str:
    mantissa, exponent = f"{number:.{decimals}e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def typeset(number: float) -> str:
    """A number in two digits as it is set in print: powers of ten only below 0.001 or far above.

    >>> typeset(0.0044), typeset(1.42e-5), typeset(1e-5), typeset(2.2e6)
    ('0.0044', '1.4·10⁻⁵', '10⁻⁵', '2.2·10⁶')
    """
    if not math.isfinite(number):
        return "–"
    rounded = float(f"{number:.1e}")
    if rounded == 0 or 1e-3 <= abs(rounded) < _LARGE:
        return f"{rounded:.7f}".rstrip("0").rstrip(".") if abs(rounded) < 1 else f"{rounded:g}"
    mantissa, exponent = f"{number:.1e}".split("e")
    ten = f"10{str(int(exponent)).translate(_RAISED)}"
    return ten if mantissa == "1.0" else f"{mantissa}·{ten}"


def printed(number: float) -> str:
    """A number that a person chose, to six digits, as it is set in print.

    >>> printed(0.0035), printed(1.234e-6), printed(1e-5)
    ('0.0035', '1.234·10⁻⁶', '10⁻⁵')
    """
    return as_in_print(f"{number:g}")


def as_in_print(text: str) -> str:
    """A text whose numbers in scientific form are set as in print.

    >>> as_in_print("mean 2.3e-5 ± 9.4e-6, acceptance 1.0e-12")
    'mean 2.3·10⁻⁵ ± 9.4·10⁻⁶, acceptance 10⁻¹²'
    >>> as_in_print("share 2.84e-05")
    'share 2.84·10⁻⁵'
    """

    def printed(found: re.Match[str]) -> str:
        ten = f"10{(found[2] + found[3]).translate(_RAISED)}"
        return ten if float(found[1]) == 1 else f"{found[1]}·{ten}"

    return re.sub(r"(?<![\w.])(\d+(?:\.\d+)?)e([-−]?)0*(\d+)(?![\w.]*\w)", printed, text)


def unbroken(markup: str) -> str:
    """HTML in which no grouped number is broken over two lines.

    >>> unbroken("1 in 22 000 fits")
    '1 in 22&nbsp;000 fits'
    """
    return re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "&nbsp;", markup)
