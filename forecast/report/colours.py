"""Colours of charts, for who draws them and for who only names them; pages that draw nothing load no charts."""

__all__ = ["DOWN", "QUIET", "TOTAL", "UP"]

#: Colours that people with any colour vision can tell apart (Okabe and Ito 2008).
UP, DOWN, TOTAL, QUIET = "#0072B2", "#D55E00", "#444444", "#888888"
