"""What the tree of a sentence says: the same act affirmed, denied, planned, called off, claimed."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from forecast.coding.act import DoubtCode, Manner, Status
from forecast.coding.grammar.reading import Reading, readings
from forecast.coding.grammar.tree import Tree, parsed
from forecast.coding.proposal import Proposal, report_fields
from forecast.coding.proposers.lexical import Lexical
from forecast.coding.proposers.protocol import Material
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario

ROOT = Path(__file__).parents[2]


def tree_of(text: str) -> Tree:
    return parsed(text, [(0, len(text))])[0]


def read(text: str, word: str) -> list[Reading]:
    tree = tree_of(text)
    anchor = next(number for number, one in enumerate(tree.words) if one.text == word)
    return readings(tree, anchor, {anchor}, "arms_transfer")


@pytest.fixture(scope="module")
def case() -> Scenario:
    return replace(read_scenario(ROOT, "dprk-russia"), reports=())


def proposed(case: Scenario, text: str, published: date = date(2024, 7, 1)) -> list[Proposal]:
    material = Material(text, "paper", published, "newspaper", "B", case, ("PRK", "RUS"))
    return [one for one in Lexical().propose(material, lambda _: None) if isinstance(one, Proposal)]


@pytest.mark.parametrize(
    ("text", "word", "denies", "manner", "status"),
    [
        ("Arland sent missiles to Borland in May.", "sent", False, "act", None),
        ("Arland did not send missiles to Borland.", "send", True, "act", None),
        ("Arland has never sent missiles to Borland.", "sent", True, "act", None),
        ("No missiles were sent to Borland.", "sent", True, "act", None),
        ("Neither side has sent missiles.", "sent", True, "act", None),
        ("Arland has yet to send missiles to Borland.", "send", True, "act", None),
        ("Arland failed to send the missiles.", "send", True, "act", None),
        ("Arland stopped short of sending missiles.", "sending", True, "act", None),
        ("There is no evidence that Arland sent missiles.", "sent", True, "act", None),
        ("The leaders have not met since May.", "met", True, "act", None),
        ("The visit, planned for May, never took place.", "visit", True, "act", None),
        ("Arland not only sent missiles, but also soldiers.", "sent", False, "act", None),
        ("Arland will send missiles to Borland in May.", "send", False, "announcement", "announced"),
        ("Arland plans to send missiles to Borland.", "send", False, "announcement", "announced"),
        ("Arland is preparing to send missiles.", "send", False, "announcement", "announced"),
        ("Arland is expected to send missiles.", "send", False, "announcement", "scheduled"),
        ("Arland was to send missiles to Borland in May.", "send", False, "announcement", "scheduled"),
        ("A draft bill would send missiles to Borland.", "send", False, "announcement", "announced"),
        ("A draft law to send missiles is before parliament.", "send", False, "announcement", "announced"),
        ("The visit to Borland was cancelled.", "visit", False, "announcement", "called-off"),
        ("Arland called off a visit by the minister.", "visit", False, "announcement", "called-off"),
        ("Talks due on Monday were called off.", "talks", False, "announcement", "called-off"),
        ("A visit planned for June was put off.", "visit", False, "announcement", "postponed"),
        ("Arland threatened to send missiles.", "send", False, "threat", None),
        ("Arland offered to send missiles.", "send", False, "offer", None),
        ("The parliament ratified the treaty.", "ratified", False, "act", "ratified"),
        ("The treaty takes effect in June.", "takes", False, "act", "takes-effect"),
        ("The agreement has not entered into force.", "entered", True, "act", "takes-effect"),
    ],
)
def test_a_sentence_says_whether_it_happened(text: str, word: str, denies: bool, manner: str, status: str | None):
    (made,) = read(text, word)
    assert (made.denies, made.manner.value, made.status and made.status.value) == (denies, manner, status)
    assert not made.is_possible


@pytest.mark.parametrize(
    "text",
    [
        "Arland may send missiles.",
        "Arland could send missiles.",
        "If Arland were to send missiles, Borland would protest.",
    ],
)
def test_what_may_be_is_not_told_as_an_act(text: str):
    assert read(text, "send")[0].is_possible


@pytest.mark.parametrize(
    ("text", "word", "who"),
    [
        ("Arland denied that it had sent missiles to Borland.", "sent", "arland"),
        ("Arland denied sending missiles.", "sending", "arland"),
        ("Arland denied any role in the delivery of missiles.", "delivery", "arland"),
        ("A spokesman said reports that Arland had sent missiles were untrue.", "sent", "spokesman"),
        ("Asked about a report that Arland had sent arms, a spokesman said no such plan existed.", "sent", "spokesman"),
    ],
)  # fmt: skip
def test_a_denial_is_that_of_its_speaker(text: str, word: str, who: str):
    made = read(text, word)[-1]
    assert made.denies
    assert made.voice is not None
    assert made.voice.speaker is not None
    assert tree_of(text).words[made.voice.speaker].text == who


@pytest.mark.parametrize(
    ("text", "claims", "denier"),
    [
        ("Arland rejected Borland's claim that it had sent missiles to Corland.", "borland", "arland"),
        ("Arland denies that it sent missiles, as Borland alleges.", "borland", "arland"),
        ("The ministry dismissed allegations by Borland that Arland had sent missiles.", "borland", "ministry"),
    ],
)
def test_a_claim_and_its_denial_are_two_statements_of_two_speakers(text: str, claims: str, denier: str):
    words = tree_of(text).words
    first, second = read(text, "sent")
    assert (first.denies, second.denies) == (False, True)
    assert [
        words[one.voice.speaker].text for one in (first, second) if one.voice and one.voice.speaker is not None
    ] == [
        claims,
        denier,
    ]


def test_who_neither_confirms_nor_denies_says_nothing():
    (made,) = read("The spokesman neither confirmed nor denied that missiles were sent.", "sent")
    assert (made.denies, made.is_possible) == (False, True)


MUTATIONS = {
    "affirmed": "North Korea sent missiles to Russia in May.",
    "denied": "The Kremlin denied that North Korea sent missiles to Russia in May.",
    "planned": "North Korea plans to send missiles to Russia in October.",
    "called off": "A delivery of North Korean missiles to Russia in May was called off.",
    "claimed": "North Korea sent missiles to Russia in May, the Ukrainian ministry said.",
}


def test_the_same_sentence_affirmed_denied_planned_called_off_and_claimed_gives_five_rows(case: Scenario):
    rows = {}
    for name, text in MUTATIONS.items():
        (rows[name],) = proposed(case, text)
    assert {one.indicator for one in rows.values()} == {"arms_transfer"}
    said = {
        name: (one.denies, one.manner, one.status, one.asserted_as.value, one.speaker) for name, one in rows.items()
    }
    assert said == {
        "affirmed": (False, Manner.ACT, None, "fact", None),
        "denied": (True, Manner.ACT, None, "official-claim", "The Kremlin"),
        "planned": (False, Manner.ANNOUNCEMENT, Status.ANNOUNCED, "fact", None),
        "called off": (False, Manner.ANNOUNCEMENT, Status.CALLED_OFF, "fact", None),
        "claimed": (False, Manner.ACT, None, "official-claim", "the Ukrainian ministry"),
    }
    counted = {name for name, one in rows.items() if report_fields(one).get("use") != "false"}
    assert counted == {"affirmed", "denied", "claimed"}


def test_parties_place_and_amount_are_filled(case: Scenario):
    (made,) = proposed(case, "North Korea sent 3,000 soldiers to Russia in May 2024, the ministry in Seoul said.")
    assert (made.actors, made.targets, made.value, made.unit) == (("PRK",), ("RUS",), 3000.0, "soldiers")
    (made,) = proposed(case, "Russia's leader Vladimir Putin met Kim Jong Un of North Korea in Pyongyang on 19 June.")
    assert (made.actors, made.targets, made.place) == (("RUS",), ("PRK",), "Pyongyang")
    assert report_fields(made)["note"].endswith("[actors: RUS; targets: PRK; place: Pyongyang]")


def test_a_speaker_is_not_a_party(case: Scenario):
    text = "The United States said that North Korea had sold ammunition to Russia."
    (made,) = proposed(case, text)
    assert (made.indicator, made.actors, made.targets) == ("arms_transfer", ("PRK",), ("RUS",))
    assert (made.speaker, made.origin) == ("The United States", "usa-government")


def test_a_denial_that_points_back_is_a_row_with_a_doubt(case: Scenario):
    text = "Ukraine claimed that North Korea had sent troops to Russia. Moscow called the report baseless."
    claim, denial = proposed(case, text)
    assert (claim.indicator, claim.denies) == ("troop_deployment", False)
    assert (denial.indicator, denial.denies, denial.speaker) == ("troop_deployment", True, "Moscow")
    assert [one.code for one in denial.doubts] == [DoubtCode.REFERENCE]


@pytest.mark.parametrize(
    ("text", "when", "doubts"),
    [
        ("Russia and North Korea signed a treaty on 12.10.2023.", "2023-10-12", []),
        ("Russia and North Korea signed a treaty on 10/13/2023.", "2023-10-13", []),
        ("Russia and North Korea signed a treaty on 12/10/2023.", "2023-10-12", [DoubtCode.DATE]),
        ("Russia and North Korea signed a treaty on 12/06/2024.", "2024-06-12", []),
        ("WASHINGTON, July 1 (Agency) - Russia and North Korea signed a treaty on 12/10/2023.", "2023-12-10", []),
        ("On 10/13/2023 they spoke. Russia and North Korea signed a treaty on 12/10/2023.", "2023-12-10", []),
    ],
)
def test_numeric_dates_are_resolved_or_said_to_be_ambiguous(
    case: Scenario, text: str, when: str, doubts: list[DoubtCode]
):
    made = [one for one in proposed(case, text) if one.indicator == "formal_commitment"][-1]
    assert (made.when, [one.code for one in made.doubts]) == (when, doubts)


def test_what_is_not_proposed_is_listed_with_a_code(case: Scenario):
    material = Material(
        "Leaders of North Korea and Russia sign treaty\n\nThe weather was mild.",
        *("paper", date(2024, 7, 1), "newspaper", "B", case, ("PRK", "RUS")),
    )
    (only,) = Lexical().propose(material, lambda _: None)
    assert (only.code.value, only.indicator) == ("heading", "formal_commitment")
