"""A scenario whose every text attacks whoever sets it in type: for renderers, which must show it and do nothing.

`write_hostile` makes the workspace, `forecast_hostile` a forecast in it, with a sampler that needs no PyMC.
"""

from datetime import date
from pathlib import Path

from forecast.update import Update

from ..workspaces import DAY, edit, forecast_toy, write_toy

#: Chinese and emoji, for which the program has no fonts: a PDF of these is refused.
REFUSED_IN_PDF = "\u4e2d\u6587 \U0001f680\U0001f468\u200d\U0001f469\u200d\U0001f467"

#: What stands in titles, questions, claims and reasons; after each comes its number, so that none can be lost unseen.
#: Control characters are refused before: `tests/scenario/test_fields.py`.
ATTACKS = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    '<!-- forecast-citations {} --> <span id="cited-1">9</span>',
    "[click](javascript:alert(3)) ![pixel](http://evil.example/p.png) <http://evil.example>",
    '# heading\n\n- list\n\n| a | b |\n|---|---|\n| c | d |\n\n```{=typst}\n#panic("raw")\n```',
    '#eval("1") #panic("typst") #import "/etc/passwd": x; $ x^2 $ @ref <label> #let y = 1 ] } \\ \\u{1F4A9}',
    '```{=openxml}\n<w:p><w:r><w:t>injected</w:t></w:r></w:p>\n``` HYPERLINK "http://evil.example" { DDEAUTO c:\\\\x }',
    "=cmd|' /C calc'!A0 *emph* **strong** ~~gone~~ `code` ``two`` \\\\ | pipe | ^sup^ [@cite] {.class} ::: div",
    "\u202egnp.exe\u202c \u2066turned\u2069 \u2028line \ufeffmark \u200bzero",
    f"\ud55c\uad6d\uc5b4 \u0627\u0644\u0639\u0631\u0628\u064a\u0629 {REFUSED_IN_PDF} \u00e9\u0301",
    "W" * 400 + " http://evil.example/" + "a" * 300,
    '**Table 1.** fake **Figure 1.** fake [0.99](#cited-1 "fc-aaaaaaaaaa/x:y number") 1. one\n- two',
)

#: Addresses that must not become links.
ADDRESSES = (
    "javascript:alert(4)",
    "data:text/html,<script>",
    'https://evil.example/") onmouseover="alert(5)',
    "file:///etc/passwd",
)

#: A field longer than anybody reads, and where its end is.
LONG = "long " * 20_000 + "end-of-long"


def attack(number: int) -> str:
    """An attack with its number."""
    return f"{ATTACKS[number % len(ATTACKS)]} attack-{number}"


def quoted(text: str) -> str:
    """A text as YAML that carries any character."""
    marks = {'"': '\\"', "\\": "\\\\"}
    return '"' + "".join(marks.get(c, c if c.isprintable() else f"\\U{ord(c):08x}") for c in text) + '"'


def write_hostile(workspace: Path, *, long: str = LONG) -> Path:
    """The toy with attacks in all of its texts."""
    write_toy(workspace)
    edit(workspace, "toy/scenario.yaml", "A toy alliance", quoted(attack(0) + " title"))
    edit(workspace, "toy/scenario.yaml", "Which regime holds on 1 January 2025?", quoted(attack(1) + attack(4)))
    edit(workspace, "toy/scenario.yaml", "Does it last until 2025?", quoted(attack(10)))
    sources = [
        f"s{number}: {{title: {quoted(attack(number))}, published: 2024-01-07, reliability: B, url: {quoted(url)}}}"
        for number, url in enumerate(ADDRESSES)
    ]
    (workspace / "scenarios/toy/sources.yaml").write_text(
        "paper: {title: An article, published: 2024-01-07, reliability: B, url: 'https://example.org/a?b=(c)&d=%20'}\n"
        + "\n".join(sources)
        + "\n"
    )
    lines = []
    for number in range(len(ATTACKS)):
        counts = "indicator: threat, when: 2023-11-02, asserted_as: fact, grade: B2" if number % 2 else ""
        fields = f"claim: {quoted(attack(number))}, {counts or 'asserted_as: speculation'}"
        lines.append(f"  - {{id: H{number}, source: s{number % len(ADDRESSES)}, {fields}}}\n")
    reason = quoted(attack(3) + attack(7))
    lines.append(
        "  - {id: H90, indicator: threat, when: 2023-11-02, asserted_as: fact, grade: B2, claim: x, use: false, "
        f"reason: {reason}}}\n"
    )
    lines.append(f"  - {{id: H91, asserted_as: speculation, claim: {quoted(long)}}}\n")
    evidence = workspace / "scenarios/toy/evidence/reports.yaml"
    evidence.write_text(evidence.read_text() + "".join(lines))
    return workspace


def make_printable(workspace: Path) -> None:
    """Turkish in place of what a PDF refuses, in all files of the scenario."""
    for path in (workspace / "scenarios/toy").rglob("*.yaml"):
        text = path.read_text().replace(REFUSED_IN_PDF, "\u0130\u011f\u015f")
        path.write_text(text.replace(quoted(REFUSED_IN_PDF)[1:-1], "\u0130\u011f\u015f"))


def forecast_hostile(workspace: Path, as_of: date = DAY) -> Update:
    """A forecast of it on record."""
    return forecast_toy(workspace, made_on=date(2026, 1, 1), as_of=as_of)
