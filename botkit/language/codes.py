"""The codes of languages: ISO 639-1, and a few of three letters that bots speak."""

from typing import Final

_CODES: Final = """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo
    es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg
    ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn
    no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta
    te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
    ast ceb ckb fil gsw haw hmn hsb kab nds sah scn yue
"""
CODES: Final = frozenset(_CODES.split())
#: What people write instead.
MEANT: Final = {
    "english": "en", "eng": "en", "gb": "en", "us": "en", "german": "de", "ger": "de", "deu": "de", "deutsch": "de",
    "at": "de", "french": "fr", "fra": "fr", "fre": "fr", "spanish": "es", "spa": "es", "sp": "es", "italian": "it",
    "ita": "it", "portuguese": "pt", "por": "pt", "br": "pt", "dutch": "nl", "nld": "nl", "dut": "nl", "polish": "pl",
    "pol": "pl", "cz": "cs", "dk": "da", "gr": "el", "jp": "ja", "cn": "zh", "ua": "uk",
}  # fmt: skip


def meant_code(word: str) -> str | None:
    """The code that *word* was meant to be, by the name of a language and the like; None where nobody knows.

    >>> meant_code("German"), meant_code("en-GB"), meant_code("xx")
    ('de', 'en', None)
    """
    word = word.strip().replace("_", "-").partition("-")[0].lower()
    return MEANT.get(word, word if word in CODES else None)
