"""A suggested grade: the source's letter, and a digit that follows from how the sentence asserts what it says."""

from forecast.scenario.schema import Asserted

__all__ = ["suggested"]

_DIGITS = {
    Asserted.FACT: (2, "told as fact, by one source"),
    Asserted.OFFICIAL_CLAIM: (3, "claimed by somebody with an interest"),
    Asserted.MEDIA_REPORT: (3, "passed on from other media"),
    Asserted.INFERENCE: (3, "concluded, not seen"),
    Asserted.SPECULATION: (4, "a guess"),
    Asserted.BACKGROUND: (2, "told in passing"),
}


def suggested(reliability: str | None, asserted: Asserted, *, denied: bool) -> tuple[str, str]:
    """The grade and its reason.

    Parameters
    ----------
    reliability
        The source's letter in sources.yaml; F (cannot be judged) where there is none.
    asserted, denied
        How the sentence says it.
    """
    digit, reason = _DIGITS[asserted]
    if denied:
        digit, reason = 4, "a denial by somebody with an interest"
    letter = reliability or "F"
    of = f"{letter}, the source's reliability" if reliability else "F, the source has no reliability in sources.yaml"
    return f"{letter}{digit}", f"{of}; {digit}, {reason}"
