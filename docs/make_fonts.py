"""Make the fonts in forecast/report/assets/fonts: Noto Sans for eight scripts as one family, regular and bold.

One family, so that a program that draws never looks for a character in the fonts of the machine. Its own name, so that
it is not mistaken for the machine's Noto Sans. The sources are Debian packages; they are read and not installed.

Run after an update of them: uv run --with fonttools python docs/make_fonts.py
"""

import subprocess
import tempfile
from itertools import pairwise
from pathlib import Path

from fontTools import subset
from fontTools.merge import Merger
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont, newTable

FOLDER = Path(__file__).parents[1] / "forecast/report/assets/fonts"
FAMILY = "Forecast Sans"
PACKAGES = ("fonts-noto-core", "fonts-noto-cjk")
WEIGHTS = ("Regular", "Bold")

LICENCE = "This Font Software is licensed under the SIL Open Font License, Version 1.1; see OFL.txt."

#: Seconds since 1904: all files get the same day, so that the same sources give the same bytes.
MADE = 3_849_984_000

#: A cubic outline becomes quadratic within so many units of a thousandth of the letters' height.
OUTLINE_ERROR = 1.0

#: By source file, with `{}` for the weight: the blocks that are taken from it, unless an earlier file had them.
BLOCKS = {
    "NotoSans-{}.ttf": [
        *((0x20, 0x52F), (0x1AB0, 0x1AFF), (0x1C80, 0x1C8F), (0x1D00, 0x1FFF), (0x2000, 0x218F), (0x2C60, 0x2C7F)),
        *((0x2DE0, 0x2E5F), (0xA640, 0xA69F), (0xA700, 0xA7FF), (0xAB30, 0xAB6F), (0xFB00, 0xFB06), (0xFE00, 0xFE2F)),
        (0xFFFD, 0xFFFD),
    ],
    "NotoSansArabic-{}.ttf": [(0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)],
    "NotoSansHebrew-{}.ttf": [(0x590, 0x5FF), (0xFB1D, 0xFB4F)],
    "NotoSansArmenian-{}.ttf": [(0x530, 0x58F), (0xFB13, 0xFB17)],
    "NotoSansGeorgian-{}.ttf": [(0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F)],
    "NotoSansMath-Regular.ttf": [(0x2190, 0x22FF), (0x27C0, 0x27FF), (0x2900, 0x2AFF)],
    "NotoSansSymbols-{}.ttf": [(0x2000, 0x2BFF)],
    "NotoSansSymbols2-Regular.ttf": [(0x2300, 0x2BFF)],
}

#: The Korean face of the collection for Chinese, Japanese and Korean: syllables, letters, punctuation, full widths.
KOREAN = "NotoSansCJK-{}.ttc"
KOREAN_BLOCKS = [(0x3000, 0x301F), (0x3131, 0x318E), (0x3200, 0x321E), (0xAC00, 0xD7A3), (0xFF01, 0xFFE6)]


def main() -> None:
    """Write the fonts, the list of characters that both weights have, and the licence."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        sources = _unpacked(Path(name))
        notices = _notices(sources)
        made = [_made(sources, weight, Path(name), notices) for weight in WEIGHTS]
        licence = _licence((Path(name) / "root/usr/share/doc/fonts-noto-core/copyright").read_text())
    common = sorted(set.intersection(*made))
    (FOLDER / "coverage.txt").write_text("".join(f"{first:04X}-{last:04X}\n" for first, last in _runs(common)))
    (FOLDER / "OFL.txt").write_text("\n".join([*notices, "", licence]))
    size = sum(path.stat().st_size for path in FOLDER.iterdir())
    print(f"{len(common)} characters, {size / 1e6:.1f} MB in {FOLDER}")


def _unpacked(folder):
    """The files of the Debian packages, without installing them."""
    subprocess.run(["apt-get", "download", "-qq", *PACKAGES], cwd=folder, check=True)
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg", "-x", package, folder / "root"], check=True)
    return {path.name: path for path in (folder / "root").rglob("*.tt[fc]")}


def _notices(sources):
    """The copyright notices in the sources, each once."""
    fonts = [TTFont(sources[file.format("Regular")]) for file in BLOCKS]
    found = [font["name"].getDebugName(0) for font in (*fonts, _korean(sources, "Regular"))]
    return list(dict.fromkeys(notice.strip() for notice in found))


def _licence(text):
    """The text of the SIL Open Font License, version 1.1, out of the package's list of licences."""
    section = text.split("\nLicense: OFL-1.1\n PREAMBLE", 1)[1].split("\n\n", 1)[0]
    lines = ["PREAMBLE", *(line.strip() for line in section.splitlines())]
    head = "SIL OPEN FONT LICENSE Version 1.1 - 26 February 2007\n"
    return head + "\n".join("" if line == "." else line for line in lines) + "\n"


def _korean(sources, weight):
    """The Korean face of the collection."""
    fonts = TTCollection(sources[KOREAN.format(weight)]).fonts
    return next(font for font in fonts if font["name"].getDebugName(1).startswith("Noto Sans CJK KR"))


def _made(sources, weight, folder, notices):
    """Write one weight; the characters that it has."""
    seen = set()
    parts = []
    for number, (file, blocks) in enumerate(BLOCKS.items()):
        font = TTFont(sources[file.format(weight)])
        wanted = {code for code in font.getBestCmap() if any(a <= code <= b for a, b in blocks)} - seen
        parts.append(_cut(font, wanted, folder / f"{weight}-{number}.ttf"))
        seen |= wanted
    font = _korean(sources, weight)
    wanted = {code for code in font.getBestCmap() if any(a <= code <= b for a, b in KOREAN_BLOCKS)} - seen
    parts.append(_cut(font, wanted, folder / f"{weight}-korean.ttf", features=[]))
    merged = Merger().merge([str(path) for path in parts])
    first = TTFont(parts[0])
    for table in ("hhea", "OS/2"):  # lines keep the height that they have in Latin
        for key in ("ascent", "descent", "lineGap", "sTypoAscender", "sTypoDescender", "sTypoLineGap"):
            if hasattr(first[table], key):
                setattr(merged[table], key, getattr(first[table], key))
    for key in ("usWinAscent", "usWinDescent", "usWeightClass", "fsSelection"):
        setattr(merged["OS/2"], key, getattr(first["OS/2"], key))
    merged["head"].macStyle = first["head"].macStyle
    _name(merged, weight, notices)
    merged["post"].formatType = 3.0
    merged.recalcTimestamp = False
    merged["head"].created = merged["head"].modified = MADE
    merged.save(FOLDER / f"ForecastSans-{weight}.ttf")
    return set(merged.getBestCmap())


def _cut(font, codes, path, features=None):
    """Write a font with these characters and what shaping makes of them."""
    options = subset.Options()
    options.hinting = False
    options.notdef_outline = True
    options.desubroutinize = True
    if features is not None:
        options.layout_features = features
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=codes)
    cutter.subset(font)
    if "CFF " in font:
        _make_quadratic(font)
    font.save(path)
    return path


def _make_quadratic(font):
    """Outlines of PostScript kind as those of TrueType, which can be merged with the others."""
    order, glyphs = font.getGlyphOrder(), font.getGlyphSet()
    outlines = {}
    for name in order:
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, OUTLINE_ERROR, reverse_direction=True))
        outlines[name] = pen.glyph()
    table = newTable("glyf")
    table.glyphs, table.glyphOrder = outlines, order
    font["glyf"], font["loca"] = table, newTable("loca")
    for tag in ("CFF ", "VORG", "BASE", "vhea", "vmtx"):
        if tag in font:
            del font[tag]
    limits = font["maxp"]
    limits.tableVersion = 0x00010000
    for key in ("maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements"):
        setattr(limits, key, 0)
    limits.maxZones, limits.maxSizeOfInstructions, limits.maxComponentElements = 1, 0, 0
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"


def _name(font, weight, notices):
    """Our own name: the licence asks for one that nobody takes for the original, and programs need one, too."""
    names = font["name"]
    texts = {0: "; ".join(notices), 13: LICENCE, 14: "https://openfontlicense.org"}
    names.names = []
    plain = FAMILY.replace(" ", "")
    texts |= {1: FAMILY, 2: weight, 3: f"{plain}-{weight}", 4: f"{FAMILY} {weight}", 5: "Version 1.0"}
    texts |= {6: f"{plain}-{weight}", 10: "Made from Noto Sans fonts by docs/make_fonts.py"}
    for key, text in texts.items():
        names.setName(text, key, 3, 1, 0x409)


def _runs(codes):
    """Pairs of first and last of consecutive numbers."""
    starts = [codes[0], *(after for before, after in pairwise(codes) if after != before + 1)]
    ends = [*(before for before, after in pairwise(codes) if after != before + 1), codes[-1]]
    return zip(starts, ends, strict=True)


if __name__ == "__main__":
    main()
