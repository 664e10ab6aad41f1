"""The model once more, from docs/method.md and without any of the program's code: loops over days, events and paths.

Slow and plain on purpose: the oracle for emission, exposure, filter and answers. It reads only the records that the
program passes around (`Settings`, `EvidenceSet`, `Natural` of one draw) and takes its distributions from SciPy.
"""

import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from itertools import product
from math import exp, log

import numpy as np
from scipy.integrate import quad
from scipy.stats import beta, lognorm, norm

from forecast.model.as_of import KnownWatch
from forecast.model.evidence_set import Event, EvidenceSet, Origin
from forecast.model.priors import Natural
from forecast.model.version import Settings
from forecast.scenario.schema import Family, Occurs, State, Stays, Step

#: Log-odds that no evidence moves: a probability of one in double precision.
CERTAIN = 40.0

ONE_DAY = timedelta(days=1)


def one_draw(parameters: Natural, draw: int) -> Natural:
    """The parameters of one draw, without the axis of draws."""
    return Natural(*(getattr(parameters, name)[draw] for name in ("rate", "holds", "move", "truth", "detection")))


# --- time ---------------------------------------------------------------------------------------------------------


def period(day: date, step: Step) -> tuple[int, int]:
    """The calendar period of a day, as a name that sorts."""
    if step is Step.WEEK:
        year, week, _ = day.isocalendar()
        return year, week
    return (day.year, day.month) if step is Step.MONTH else (day.year, (day.month - 1) // 3)


@cache
def period_days(day: date, step: Step) -> int:
    """How many days have the same period: counted."""
    return sum(period(day + timedelta(days=n), step) == period(day, step) for n in range(-95, 96))


def days_between(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += ONE_DAY


def days_by_step(first: date, last: date, step: Step) -> list[list[date]]:
    """The days of every step."""
    steps: dict[tuple[int, int], list[date]] = {}
    for day in days_between(first, last):
        steps.setdefault(period(day, step), []).append(day)
    return list(steps.values())


@cache
def years_per_day(day: date, step: Step) -> float:
    """A step has the nominal length, however many days its period has."""
    return {Step.MONTH: 1 / 12, Step.WEEK: 7 / 365.25, Step.QUARTER: 1 / 4}[step] / period_days(day, step)


# --- stated priors ------------------------------------------------------------------------------------------------


@cache
def mean_of_positive(low: float, high: float) -> float:
    """Mean of the LogNormal with these 10th and 90th percentiles."""
    if low == high:
        return low
    scale = (log(high) - log(low)) / (norm.ppf(0.9) - norm.ppf(0.1))
    return float(lognorm.mean(scale, scale=np.sqrt(low * high)))


@cache
def mean_of_probability(low: float, high: float) -> float:
    """Mean of the logit-Normal with these 10th and 90th percentiles."""
    if low == high:
        return low
    a, b = log(low / (1 - low)), log(high / (1 - high))
    centre, scale = (a + b) / 2, (b - a) / (norm.ppf(0.9) - norm.ppf(0.1))
    value, _ = quad(lambda z: norm.pdf(z) / (1 + exp(-(centre + scale * z))), -12, 12, epsabs=1e-13, epsrel=1e-13)
    return float(value)


@cache
def arrived(lag_days: tuple[float, float], n_days: int) -> float:
    """P(the report has arrived after so many days)."""
    low, high = lag_days
    if low == high:
        return float(n_days >= low)
    scale = (log(high) - log(low)) / (norm.ppf(0.9) - norm.ppf(0.1))
    return float(lognorm.cdf(n_days, scale, scale=np.sqrt(low * high)))


# --- reports ------------------------------------------------------------------------------------------------------


@cache
def median_log_odds(true: float, false: float) -> float:
    p = float(beta.median(true, false))
    return log(p / (1 - p))


def p_real(origins: Sequence[Origin], truth: Sequence[float], model: Settings) -> float:
    """Step 3 of section 3 of the method, origin by origin."""
    names = [f"{letter}{digit}" for letter in "ABCDEF" for digit in "123456"]
    unknown = median_log_odds(*model.grades[names.index("F6")])
    confirming, denying = [], []
    for origin in origins:
        if origin.p_true is not None:
            mean = mean_of_probability(*origin.p_true)
            rank = value = CERTAIN if mean == 1 else log(mean / (1 - mean))
        else:
            rank = median_log_odds(*model.grades[names.index(origin.grade)])
            p = truth[names.index(origin.grade)]
            value = log(p / (1 - p))
        (denying if origin.denies else confirming).append((rank, value - unknown, str(origin.p_true or origin.grade)))
    # equal ranks: by grade
    confirming.sort(key=lambda row: (-round(row[0], 6), row[2]))
    denying.sort(key=lambda row: (-round(row[0], 6), row[2]))
    log_odds = unknown
    # a further voice that cannot be judged, or is judged worse than that, adds nothing
    for number, (rank, weight, _) in enumerate(confirming):
        if number == 0:
            log_odds += weight
        elif rank > unknown + 1e-6:
            log_odds += 0.5**number * max(0.0, weight)
    for number, (rank, weight, _) in enumerate(denying):
        if rank > unknown + 1e-6:
            log_odds -= 0.5**number * max(0.0, weight)
    return 1 / (1 + exp(-log_odds))


@dataclass
class Spell:
    denied: bool
    first: date
    last: date
    origins: list[Origin]


def spells(evidence: EvidenceSet, condition: str) -> list[Spell]:
    """One emission where a value is reported first, and again only where it changes."""
    result: list[Spell] = []
    reports = [report for report in evidence.events if report.indicator == condition]
    for report in sorted(reports, key=lambda report: (report.first, report.last, report.id)):
        denied = all(origin.denies for origin in report.origins)
        if not result or result[-1].denied != denied:
            result.append(Spell(denied, report.first, report.last, []))
        for origin in report.origins:
            if origin.origin not in [heard.origin for heard in result[-1].origins]:
                result[-1].origins.append(Origin(origin.origin, origin.denies != denied, origin.grade, origin.p_true))
    return result


# --- emission -----------------------------------------------------------------------------------------------------


def watch_on(evidence: EvidenceSet, model: Settings, indicator: str, day: date) -> tuple[int, KnownWatch] | None:
    """The watch that covers the day, and its number among the watches of events (-1 for a condition)."""
    for watch in evidence.watches:
        if watch.indicator == indicator and watch.until and watch.first <= day <= watch.until:
            numbered = event_watches(evidence, model)
            return (numbered.index(watch) if watch in numbered else -1), watch
    return None


def event_watches(evidence: EvidenceSet, model: Settings) -> list[KnownWatch]:
    """Those that have a detection of their own, in the order of the parameters: instruments last."""
    return [watch for watch in (*evidence.watches, *evidence.instruments) if watch.indicator in model.events]


def mean_rate(model: Settings, indicator: str) -> float:
    ranges = model.per_year[model.events.index(indicator)]
    return sum(p * mean_of_positive(*r) for p, r in zip(model.initial, ranges, strict=True))


def event_ratio(
    evidence: EvidenceSet, model: Settings, parameters: Natural, indicator: str, day: date, regime: int
) -> tuple[float, float]:
    """How much more probable the event is in the regime than expected, and its temper."""
    i = model.events.index(indicator)
    watch = watch_on(evidence, model, indicator, day)
    if watch is not None:
        number, entry = watch
        expected = mean_of_probability(*entry.detection) * mean_rate(model, indicator)
        return parameters.detection[number] * parameters.rate[i, regime] / expected, 1.0
    unwatched = [name for name in model.events if watch_on(evidence, model, name, day) is None]
    told = dict(zip(model.events, model.told, strict=True))
    total = sum(told[name] * parameters.rate[model.events.index(name), regime] for name in unwatched)
    total_expected = sum(told[name] * mean_rate(model, name) for name in unwatched)
    share = told[indicator] * parameters.rate[i, regime] / total
    share_expected = told[indicator] * mean_rate(model, indicator) / total_expected
    return share / share_expected, model.tau


def log_emission(evidence: EvidenceSet, model: Settings, parameters: Natural, as_of: date) -> np.ndarray:
    """Log-emission (T, K), day by day; computed once, however many questions are asked of it."""
    return _log_emission(pickle.dumps((evidence, model, parameters, as_of)))


@lru_cache(16)
def _log_emission(asked: bytes) -> np.ndarray:
    evidence, model, parameters, as_of = pickle.loads(asked)
    steps = days_by_step(evidence.start, as_of, model.step)
    step_of_day = {day: number for number, days in enumerate(steps) for day in days}
    result = np.zeros((len(steps), len(model.initial)))
    reals = [p_real(report.origins, parameters.truth, model) for report in evidence.events]
    for k in range(len(model.initial)):
        for report, real in zip(evidence.events, reals, strict=True):
            if report.indicator not in model.events:
                continue
            days = list(days_between(report.first, report.last))
            for day in days:
                ratio, temper = event_ratio(evidence, model, parameters, report.indicator, day, k)
                result[step_of_day[day], k] += temper * log(real * ratio + 1 - real) / len(days)
        for number, watch in enumerate(event_watches(evidence, model)):
            if watch.until is None:
                continue
            rate = parameters.rate[model.events.index(watch.indicator), k]
            for day in days_between(watch.first, watch.until):
                seen = arrived(watch.lag_days, (watch.until - day).days) * years_per_day(day, model.step)
                result[step_of_day[day], k] -= parameters.detection[number] * rate * seen
        for c, condition in enumerate(model.conditions):
            expected = sum(p * mean_of_probability(*r) for p, r in zip(model.initial, model.holds[c], strict=True))
            for spell in spells(evidence, condition):
                real = p_real(spell.origins, parameters.truth, model)
                holds = parameters.holds[c, k]
                ratio = (1 - holds) / (1 - expected) if spell.denied else holds / expected
                days = list(days_between(spell.first, spell.last))
                for day in days:
                    temper = model.tau if watch_on(evidence, model, condition, day) is None else 1.0
                    result[step_of_day[day], k] += temper * log(real * ratio + 1 - real) / len(days)
    result.setflags(write=False)
    return result


# --- paths --------------------------------------------------------------------------------------------------------


def fractions(steps: Sequence[Sequence[date]], model: Settings, *, begins: bool) -> list[float]:
    """Share of a nominal step by which the regime moves into each step; `begins` if these are the first steps."""
    if model.family is Family.STATIC:
        return [0.0] * len(steps)
    shares = [len(days) / period_days(days[0], model.step) for days in steps]
    return [0.0, *shares[1:]] if begins else shares


def paths(
    initial: Sequence[float], move: np.ndarray, moves: Sequence[float], emission: np.ndarray
) -> Iterator[tuple[tuple[int, ...], float]]:
    """Every path of regimes with its joint probability with the evidence; steps past the emission are to come."""
    assert moves[0] == 0, "no transition before the first step"
    n = len(initial)
    for path in product(range(n), repeat=len(moves)):
        weight = float(initial[path[0]])
        for step in range(1, len(moves)):
            stay = (1 - moves[step]) * (path[step - 1] == path[step])
            weight *= stay + moves[step] * move[path[step - 1], path[step]]
        yield path, weight * exp(sum(emission[step, path[step]] for step in range(len(emission))))


def log_likelihood(
    initial: Sequence[float], move: np.ndarray, moves: Sequence[float], emission: np.ndarray
) -> np.ndarray:
    """Of every step t: log p(step t | steps before), from sums over all paths."""
    totals = [
        log(sum(weight for _, weight in paths(initial, move, moves[:t], emission[:t])))
        for t in range(1, len(moves) + 1)
    ]
    return np.diff([0.0, *totals])


def answer(
    question: State | Stays | Occurs, evidence: EvidenceSet, model: Settings, parameters: Natural, as_of: date
) -> np.ndarray:
    """The answer by enumeration of all paths to the question's last day."""
    return joint(question, evidence, model, parameters, as_of)


@dataclass
class Unseen:
    """Nothing is seen of an indicator from `first` to `last`; `share(day)` of its true events would be."""

    indicator: str
    first: date
    last: date
    share: Callable[[date], float]

    def on(self, indicator: str, day: date) -> float:
        return self.share(day) if indicator == self.indicator and self.first <= day <= self.last else 0.0


def joint(
    question: State | Stays | Occurs,
    evidence: EvidenceSet,
    model: Settings,
    parameters: Natural,
    as_of: date,
    *,
    unseen: Unseen | None = None,
    holds: str | None = None,
) -> np.ndarray:
    """P(outcome, and nothing seen ahead or a condition holding today), by enumeration of all paths."""
    past = days_by_step(evidence.start, as_of, model.step)
    ahead = days_by_step(as_of + ONE_DAY, question.ends, model.step)
    moves = fractions(past, model, begins=True) + fractions(ahead, model, begins=False)
    emission = log_emission(evidence, model, parameters, as_of)
    totals = np.zeros(len(model.regimes) if isinstance(question, State) else 2)
    counting = (
        Counting(question, past + ahead, evidence, model, parameters, as_of, unseen)
        if isinstance(question, Occurs)
        else None
    )
    unseen_years = [
        sum(unseen.on(unseen.indicator, day) * years_per_day(day, model.step) for day in days) if unseen else 0.0
        for days in past + ahead
    ]
    evidence_alone = 0.0
    for path, alone in paths(model.initial, parameters.move, moves, emission):
        evidence_alone += alone
        weight = alone
        if holds is not None:
            weight *= parameters.holds[model.conditions.index(holds), path[len(past) - 1]]
        if unseen is not None:
            rates = parameters.rate[model.events.index(unseen.indicator)]
            weight *= exp(-sum(rates[k] * years for k, years in zip(path, unseen_years, strict=True)))
        if isinstance(question, State):
            totals[path[-1]] += weight
            continue
        if isinstance(question, Stays):
            begin = question.from_ or as_of
            inside = [model.regimes[k] in question.regimes for k in path]
            yes = float(all(ok for ok, days in zip(inside, past + ahead, strict=True) if days[-1] >= begin))
        else:
            yes = counting.p_at_least(path)
        totals += weight * np.array([yes, 1 - yes])
    return totals / evidence_alone


class Counting:
    """P(at least n events in the window | regimes): known ones are independent chances, the rest is Poisson.

    What a path needs is tabulated by step and regime first; there are hundreds of paths.
    """

    def __init__(
        self,
        question: Occurs,
        steps: Sequence[Sequence[date]],
        evidence: EvidenceSet,
        model: Settings,
        parameters: Natural,
        as_of: date,
        unseen: Unseen | None = None,
    ) -> None:
        self.at_least = question.at_least
        window = [[day for day in days if question.between[0] <= day <= question.between[1]] for days in steps]
        rates = parameters.rate[model.events.index(question.indicator)]
        shape = len(steps), len(model.initial)
        self.expected = np.zeros(shape)
        self.known = []
        for report in evidence.events:
            if report.indicator != question.indicator:
                continue
            days = list(days_between(report.first, report.last))
            chance = np.zeros(shape)
            for step, k in product(*map(range, shape)):
                for day in set(days) & set(window[step]):
                    chance[step, k] += _p_of_known(report, day, k, evidence, model, parameters) / len(days)
            self.known.append(chance)
        for step, k in product(*map(range, shape)):
            for day in window[step]:
                share = _share_that_may_still_count(question, day, evidence, model, parameters, as_of)
                # what would count and would be seen does not happen; what is seen counts, if anything does
                share -= min(unseen.on(question.indicator, day), share) if unseen else 0.0
                self.expected[step, k] += rates[k] * share * years_per_day(day, model.step)

    def p_at_least(self, path: Sequence[int]) -> float:
        along = np.arange(len(path)), np.array(path)
        chances = [1.0]  # P(exactly 0, 1, ... known events in the window)
        for chance in self.known:
            p = chance[along].sum()
            chances = list(np.convolve(chances, [1 - p, p]))
        expected = self.expected[along].sum()
        poisson = [exp(-expected)]
        for n in range(1, self.at_least):
            poisson.append(poisson[-1] * expected / n)
        fewer = sum(
            chance * sum(poisson[: self.at_least - known]) for known, chance in enumerate(chances[: self.at_least])
        )
        return float(1 - fewer)


def _p_of_known(
    report: Event, day: date, regime: int, evidence: EvidenceSet, model: Settings, parameters: Natural
) -> float:
    """Posterior probability that the event is real, if it lies on that day."""
    real = p_real(report.origins, parameters.truth, model)
    rho = real * event_ratio(evidence, model, parameters, report.indicator, day, regime)[0]
    return rho / (rho + 1 - real)


def _share_that_may_still_count(
    question: Occurs, day: date, evidence: EvidenceSet, model: Settings, parameters: Natural, as_of: date
) -> float:
    """Share of a day's true events that count for the question and that no report can have told of yet."""
    own = [
        (number, watch)
        for number, watch in enumerate(event_watches(evidence, model))
        if watch.indicator == question.indicator
    ]
    truth = question.settled_by == "truth"
    if day > as_of:
        if truth or not own:
            return 1.0
        begun = [(watch.first, number) for number, watch in own if watch.first <= day]
        number = max(begun)[1] if begun else min((watch.first, number) for number, watch in own)[1]
        return float(parameters.detection[number])
    share = 1.0 if truth else 0.0
    for number, watch in own:
        looked = watch.until is not None and watch.first <= day <= watch.until
        seen = arrived(watch.lag_days, (watch.until - day).days) if looked else 0.0
        covered = watch.first <= day <= (watch.closed or as_of)
        if truth:
            share -= parameters.detection[number] * seen
        elif covered:
            share += parameters.detection[number] * (1 - seen)
    return float(share)
