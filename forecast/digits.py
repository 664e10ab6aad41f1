"""How numbers are printed, everywhere: no more decimals than the Monte Carlo error supports, and none that mislead."""

from forecast.words import Scale, words

__all__ = ["counted", "digits", "interval", "probability", "signed"]

#: Fewest decimals of a printed probability; the Monte Carlo error may call for no more.
FEWEST_DIGITS, MOST_DIGITS = 2, 4

#: A change of fewer Monte Carlo errors than this is shown as noise: 95% of mere noise is.
NOISE = 2.0


def counted(n: int, what: str) -> str:
    """A number of things by their name in the singular: 1 origin, 2 origins."""
    return f"{n} {what}{'' if n == 1 else 's'}"


def digits(mcse: float) -> int:
    """Decimals of a probability that its Monte Carlo error supports, from 2 to 4."""
    shown = FEWEST_DIGITS
    while shown < MOST_DIGITS and mcse < 10.0 ** -(shown + 1) / 2:
        shown += 1
    return shown


def probability(p: float | None, mcse: float = 1.0, scale: Scale | None = None) -> str:
    """A probability with the decimals its error supports; never 0 or 1 unless it is.

    Near the edge of a band of words (of ICD 203 unless another scale stands beside it) it gets more decimals, so that
    the printed number and its word agree; with the most decimals it is left as it is.
    """
    if p is None:
        return ""
    n = digits(mcse)
    while n < MOST_DIGITS and words(round(p, n), scale) != words(p, scale):
        n += 1
    return _decimals(p, n)


def interval(low: float, high: float) -> str:
    """The ends of an interval of probabilities, with as few decimals as its width deserves; no word stands beside."""
    return f"{_decimals(low, FEWEST_DIGITS)}-{_decimals(high, FEWEST_DIGITS)}"


def _decimals(p: float, n: int) -> str:
    """A probability with n decimals; never 0 or 1 unless it is."""
    text = f"{p:.{n}f}"
    edge = 10.0**-n
    if float(text) == 0.0 and p > 0.0:
        return f"<{edge:.{n}f}"
    if float(text) == 1.0 and p < 1.0:
        return f">{1 - edge:.{n}f}"
    return text


def signed(change: float | None, mcse: float | None = None) -> str:
    """A difference of two probabilities with its sign; none where there is nothing to compare.

    In parentheses where another seed could as well have made it.
    """
    if change is None:
        return ""
    text = f"{change:+.2f}"
    if float(text) == 0.0:
        text = "0.00"
    return f"({text})" if mcse is not None and abs(change) < NOISE * mcse else text
