"""Names and messages that are no UTF-8, in the encoding of the system that wrote them. Pure.

charset-normalizer tells how much a text looks like a language in each encoding. It is made for pages, and a
table has a few words: so first come the readings in which no word mixes scripts as no language does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from itertools import pairwise

ENCODINGS = (
    *(
        "cp1252",
        "gb18030",
        "cp932",
        "cp949",
        "big5",
        "cp1250",
        "cp1251",
        "cp1253",
        "cp1254",
        "cp1255",
        "cp1256",
    ),
    *("cp1257", "cp1258", "cp874", "euc_jp", "koi8_r", "mac_roman", "cp850", "cp866", "cp437"),
)
"""Encodings of Windows first, as Locust on other systems writes UTF-8."""

SAMPLE = 20_000
"""Letters of the texts that are looked at."""

_BYTES = re.compile("[\udc80-\udcff]")
_HALVES = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Halves of letters of UTF-16, which JSON can have alone and no other text can."""
_WORD = re.compile(r"[^\W\d_]+")
_SIGNS = "°µ€£§©®™±²³×÷…–—‘’“”«»¡¿·•ªº"
"""Signs that texts of any language have."""

_INSIDE_WORDS = re.compile(r"(?<=[A-Za-z])[^\w\s\x00-\x7f’·‐–—…](?=[A-Za-z])")
_NOTHING = re.compile("[\ufffd\ue000-\uf8ff]")
_SPACED_CHINESE = re.compile("[\u4e00-\u9fff] +[\u4e00-\u9fff]")
_CHINESE = ("gb18030", "big5")
_RARE = "ðþýÐÞÝ"
"""Letters of languages of few, which are others in the encodings next to cp1252."""


def spelling_of(texts: Iterable[str]) -> Callable[[str], str]:
    """A function that writes any of these texts as it was meant; those that are UTF-8 stay as they are.

    Texts are as `surrogateescape` leaves them. What no encoding explains is shown as unknown.
    """
    strange = list(dict.fromkeys(_HALVES.sub("?", text) for text in texts if _BYTES.search(text)))
    if not strange:
        return lambda text: _HALVES.sub("?", text)
    encoding = encoding_of(" ".join(strange)[:SAMPLE].encode("utf-8", "surrogateescape"))

    def written(text: str) -> str:
        text = _HALVES.sub("?", text)
        if not _BYTES.search(text):
            return text
        data = text.encode("utf-8", "surrogateescape")
        return data.decode(encoding, "replace")

    return written


def encoding_of(data: bytes) -> str:
    """The one of ENCODINGS that a sample is most likely in."""
    from charset_normalizer import from_bytes

    matches = from_bytes(data, cp_isolation=list(ENCODINGS), threshold=1.0)
    coherence = {match.encoding: match.coherence for match in matches}
    readings = {encoding: data.decode(encoding, "replace") for encoding in ENCODINGS}
    return min(
        readings,
        key=lambda one: (
            round(oddity(readings[one], is_chinese=one in _CHINESE), 2),
            -coherence.get(one, 0.0),
            ENCODINGS.index(one),
        ),
    )


def oddity(text: str, *, is_chinese: bool = False) -> float:
    """How unlike words of a language a reading is: the share of its strange letters that are out of place."""
    letters = [letter for letter in text if not letter.isascii() and not letter.isspace()]
    if not letters:
        return 0.0
    odd = sum(1.0 if _NOTHING.match(letter) else 1.5 for letter in letters if _is_no_letter(letter))
    odd += len(_INSIDE_WORDS.findall(text))
    scripts = {_script(letter) for letter in letters}
    if {"HANGUL", "CJK"} <= scripts:
        odd += min(sum(_script(letter) == one for letter in letters) for one in ("HANGUL", "CJK")) * 2
    odd += 0.5 * sum(_script(letter) == "HALFWIDTH" for letter in letters)
    odd += 0.5 * len(_SPACED_CHINESE.findall(text))
    if is_chinese:
        odd += sum(_script(letter) == "KANA" for letter in letters)
    for word in _WORD.findall(text):
        if not word.isascii():
            odd += _odd_letters(word)
    return odd / len(letters)


def _odd_letters(word: str) -> float:
    scripts = [_script(letter) for letter in word]
    mixed = len(set(scripts) - {"KANA"}) > 1 or ("LATIN" in scripts and "KANA" in scripts)
    odd = float(sum(not letter.isascii() for letter in word)) if mixed else 0.0
    odd += sum(letter.isupper() and before.islower() for before, letter in pairwise(word))
    if "LATIN" in scripts:
        accented = sum(not letter.isascii() for letter in word)
        odd += accented if len(word) > 3 and accented > 0.6 * len(word) else 0
        odd += 0.3 * sum(letter in _RARE for letter in word)
    pairs = zip(scripts, word, strict=True)
    return odd + 0.75 * sum(script == "CJK" and not _is_common(letter) for script, letter in pairs)


def _is_no_letter(letter: str) -> bool:
    """Whether it is a control, unassigned or private character, or a sign that sentences do not have."""
    odd = ("Cc", "Cn", "Co", "Cs", "So", "Sm", "Sk", "No", "Lm", "Sc")
    return letter not in _SIGNS and unicodedata.category(letter) in odd


_SCRIPTS = {
    **dict.fromkeys(("FULLWIDTH", "MICRO", "FEMININE", "MASCULINE"), "LATIN"),
    **dict.fromkeys(("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"), "KANA"),
    "IDEOGRAPHIC": "CJK",
}
"""First words of the names of letters, where they are not the script's."""


@cache
def _script(letter: str) -> str:
    name = unicodedata.name(letter, "").split(" ")[0]
    return _SCRIPTS.get(name, name)


@cache
def _is_common(letter: str) -> bool:
    """Whether a Chinese character is of the first level of a standard: of those in daily use."""
    for encoding, low, high in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6), ("euc_jp", 0xB0, 0xCF)):
        try:
            if low <= letter.encode(encoding)[0] <= high:
                return True
        except UnicodeEncodeError:
            continue
    return False
