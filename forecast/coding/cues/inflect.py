"""The forms of English verbs: regular ones by rule, the irregular ones that news are told in from a list."""

from functools import cache

__all__ = ["forms"]

_IRREGULAR = {
    "be": "is are was were been being", "become": "became", "begin": "began begun", "bind": "bound",
    "break": "broke broken", "bring": "brought", "build": "built", "buy": "bought", "come": "came", "cut": "cutting",
    "deal": "dealt", "draw": "drew drawn", "drive": "drove driven", "fall": "fell fallen", "fight": "fought",
    "find": "found", "flee": "fled", "fly": "flew flown", "forgive": "forgave forgiven", "freeze": "froze frozen",
    "get": "got", "give": "gave given", "go": "went gone", "hang": "hung hanged", "have": "has had", "hold": "held",
    "keep": "kept", "lay": "laid", "lead": "led", "leave": "left", "lend": "lent", "lie": "lay lain", "lose": "lost",
    "make": "made", "mean": "meant", "meet": "met", "pay": "paid", "put": "putting", "quit": "quitting",
    "rise": "rose risen", "run": "ran", "say": "said", "see": "saw seen", "seek": "sought", "sell": "sold",
    "send": "sent", "set": "setting", "shoot": "shot", "shut": "shutting", "sink": "sank sunk", "slay": "slew slain",
    "speak": "spoke spoken", "stand": "stood", "steal": "stole stolen", "stick": "stuck", "strike": "struck stricken",
    "swear": "swore sworn", "take": "took taken", "tell": "told", "think": "thought", "throw": "threw thrown",
    "understand": "understood", "undertake": "undertook undertaken", "win": "won", "withdraw": "withdrew withdrawn",
    "withhold": "withheld", "write": "wrote written", "bid": "bade bidden", "beat": "beaten", "let": "letting",
    "hit": "hitting", "overrun": "overran", "wound": "", "bear": "bore born borne", "show": "showed shown",
    "hurt": "hurting",
}  # fmt: skip

#: Verbs of one stressed syllable at the end that double it.
_DOUBLED = frozenset((
    "abet", "ban", "bar", "beg", "begin", "cut", "drop", "flop", "get", "hit", "kidnap", "let", "map", "permit",
    "plan", "plot", "put", "quit", "rebut", "refer", "regret", "rid", "rob", "run", "set", "ship", "shun", "shut",
    "slam", "slap", "snub", "spur", "stab", "step", "stop", "submit", "transfer", "trap", "trim", "win", "wrap",
    "commit", "compel", "control", "deter", "dispel", "expel", "hop", "nod", "occur", "patrol", "prefer", "propel",
    "repel", "sit", "skip",
))  # fmt: skip


@cache
def forms(verb: str) -> frozenset[str]:
    """The verb itself, its -s and -ing, its past and participle."""
    if verb.endswith("ee"):
        return frozenset([verb, verb + "s", verb + "d", verb + "ing", *_IRREGULAR.get(verb, "").split()])
    stem = verb[:-1] if verb.endswith("e") and not verb.endswith(("ye", "oe")) else verb
    stem = verb + verb[-1] if verb in _DOUBLED else stem
    if verb in ("be", "have"):
        return frozenset([verb, *_IRREGULAR[verb].split()])
    if verb.endswith("y") and verb[-2] not in "aeiou":
        third, past = verb[:-1] + "ies", verb[:-1] + "ied"
    else:
        sibilant = verb.endswith(("s", "x", "z", "ch", "sh", "o"))
        third, past = verb + ("es" if sibilant else "s"), stem + "ed"
    both = {verb + "led", verb + "ling"} if verb.endswith("el") and verb not in _DOUBLED else set()
    ing = verb[:-2] + "ying" if verb.endswith("ie") else stem + "ing"
    irregular = _IRREGULAR.get(verb, "")
    pasts = irregular.split() if irregular and not irregular.endswith("ing") else [past]
    if irregular.endswith("ing"):
        pasts = [verb]
    # cancelled or canceled: British and American
    return frozenset([verb, third, ing, *pasts, *both])
