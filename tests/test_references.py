"""References: what they name, and what names nothing."""

import pytest

from forecast.errors import InputError
from forecast.references import Ref, parse_ref


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("dprk-russia", Ref("dprk-russia", None, None)),
        ("dprk-russia/treaty-2024", Ref("dprk-russia", "treaty-2024", None)),
        ("fc-4m2kqx7raz/regime-2025:durable", Ref("fc-4m2kqx7raz", "regime-2025", "durable")),
        ("fc-4", Ref("fc-4", None, None)),
        ("v1.2_a/q.1:out_come", Ref("v1.2_a", "q.1", "out_come")),
    ],
)
def test_a_reference_names_target_question_and_outcome(text: str, ref: Ref) -> None:
    assert parse_ref(text) == ref


def test_a_forecast_is_told_from_a_scenario_by_its_beginning() -> None:
    assert parse_ref("fc-4m2kqx7raz").is_forecast
    assert not parse_ref("fcx").is_forecast


@pytest.mark.parametrize(
    "text", ["", "/", "toy/", "toy/q:", "toy:yes", "toy/q:yes/no", "../toy", " toy", "toy\n", "-x"]
)
def test_a_text_of_another_form_names_nothing(text: str) -> None:
    accepted = "SCENARIO, SCENARIO@latest, SCENARIO@NAME of an imported log or FORECAST, then /QUESTION"
    with pytest.raises(InputError, match=rf"names nothing\. Accepted: {accepted}"):
        parse_ref(text)
