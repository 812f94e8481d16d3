"""Making the table of word meanings: what is read, what is learned from, and what is fitted."""

import io
import lzma
import tarfile
from pathlib import Path

import numpy as np
import pytest

from tools.words import sources
from tools.words.corpus import ABOUT, DOING, EVERYDAY, corpus
from tools.words.fitting import DIMENSIONS, Texts, fitted, reduced
from tools.words.sources import Gloss, SourceError, Weights, glosses, weights
from tools.words.teacher import Teacher

VERB = (
    "02421374 41 v 02 moor 0 tie_up 3 002 @ 02420991 v 0000 + 01234567 n 0101 01 + 08 00 "
    '| secure a boat with cables; "moor the boat"; "we tied up at the pier"  '
)
ADJECTIVE = "00009618 00 a 01 galore(ip) 0 001 & 00009046 a 0000 | in great numbers; "
GLOSSES = [
    Gloss("verb", ("moor", "tie up"), "secure a boat with cables", ("moor the boat", "we tied up at the pier")),
    Gloss("noun", ("boat",), "a small vessel for travel on water", ("the boat was full",)),
    Gloss("noun", ("Rhine",), "a major European river", ()),
]
PIECES = ("[CLS]", "[SEP]", "[UNK]", "the", "boat", "moor", "pier", "##s", "zig")


def deb(lines: dict[str, str]) -> bytes:
    """A Debian package with WordNet's files."""
    opened = io.BytesIO()
    with tarfile.open(fileobj=opened, mode="w") as archive:
        for speech in ("noun", "verb", "adj", "adv"):
            content = f"  1 licence\n{lines.get(speech, '')}\n".encode() if speech in lines else b"  1 licence\n"
            told = tarfile.TarInfo(f"./usr/share/wordnet/data.{speech}")
            told.size = len(content)
            archive.addfile(told, io.BytesIO(content))
    data = lzma.compress(opened.getvalue())
    members = {"debian-binary": b"2.0", "data.tar.xz": data}
    packed = b"!<arch>\n"
    for name, content in members.items():
        packed += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode()
        packed += content + b"\n" * (len(content) % 2)
    return packed


def small_model() -> Weights:
    """A model of small random numbers, of the shape that the teacher has."""
    chance = np.random.default_rng(3)
    width, inner = 24, 48
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(PIECES), width),
        "embeddings.position_embeddings.weight": (64, width),
        "embeddings.token_type_embeddings.weight": (2, width),
    }
    for layer in range(6):
        name = f"encoder.layer.{layer}"
        for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            shapes |= {f"{name}.{part}.weight": (width, width), f"{name}.{part}.bias": (width,)}
        shapes |= {f"{name}.intermediate.dense.weight": (inner, width), f"{name}.intermediate.dense.bias": (inner,)}
        shapes |= {f"{name}.output.dense.weight": (width, inner), f"{name}.output.dense.bias": (width,)}
    levels = ["embeddings", *(f"encoder.layer.{n}.{part}" for n in range(6) for part in ("attention.output", "output"))]
    shapes |= {f"{one}.LayerNorm.{kind}": (width,) for one in levels for kind in ("weight", "bias")}
    arrays = {name: chance.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}
    return Weights(arrays, PIECES)


@pytest.mark.parametrize("read", [weights, lambda file: list(glosses(file))])
def test_another_file_is_refused(tmp_path: Path, read: "object") -> None:
    """By the digest, before anything of it is read."""
    assert callable(read)
    (tmp_path / "other").write_bytes(b"something else")
    with pytest.raises(SourceError, match="other is another file than the table is made from: sha256 "):
        read(tmp_path / "other")


def test_wordnet_is_read_out_of_a_debian_package() -> None:
    """Lemmas without underscores and markers, the definition and the examples apart."""
    data = sources._member(deb({"verb": VERB}), "data.tar.xz")
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress(data))) as archive:
        assert "./usr/share/wordnet/data.verb" in archive.getnames()
    assert sources._gloss("verb", VERB) == GLOSSES[0]
    assert sources._gloss("adj", ADJECTIVE) == Gloss("adj", ("galore",), "in great numbers", ())
    with pytest.raises(SourceError, match="no control"):
        sources._member(deb({}), "control.tar.xz")


def test_the_corpus_is_the_same_each_time() -> None:
    """Sentences, requests framed from orders, frames filled with things, and each word by itself."""
    common = [*PIECES, "vessel", "water", "travel"]
    found = corpus(GLOSSES, common)
    assert found == corpus(GLOSSES, common)
    assert {"moor the boat", "the boat was full", "we tied up at the pier"} <= set(found.texts)
    assert set(found.words) <= set(found.texts)
    assert {frame.format("moor the boat") for frame in DOING} & set(found.texts)
    assert list(found.words) == sorted(set(found.words))


def test_the_words_are_those_of_people() -> None:
    """What frames and everyday life need, common words with their forms, but no forms of names."""
    words = set(corpus(GLOSSES, [*PIECES, "rhine"]).words)
    assert {"boat", "boats", "moor", "whats", "dont", "refund", "0"} <= words
    assert "rhines" not in words
    assert set(EVERYDAY) <= words


def test_frames_take_one_thing_or_two() -> None:
    """Orders stand in one place each, things in at most two."""
    assert {frame.count("{}") for frame in DOING} == {1}
    assert {frame.count("{}") for frame in ABOUT} == {1, 2}


def test_the_teacher_reads_a_text_alone_as_among_others() -> None:
    """Each direction is of length 1, and that of its own text."""
    teacher = Teacher(small_model())
    texts = ["the boat", "moor the boats", "pier", "Zigzag the pier!"]
    together = teacher.directions(texts)
    assert np.linalg.norm(together, axis=1) == pytest.approx([1.0] * 4, abs=1e-5)
    for text, direction in zip(texts, together, strict=True):
        assert teacher.directions([text])[0] == pytest.approx(direction, abs=1e-5)
    assert np.abs(together[0] - together[1]).max() > 1e-3


def test_the_teacher_reads_words_by_their_longest_pieces() -> None:
    """What has no piece is unknown, whole."""
    teacher = Teacher(small_model())
    assert teacher._pieces("Boats zigs") == [0, 4, 7, 8, 7, 1]
    assert teacher._pieces("boatx") == [0, 2, 1]


def test_words_are_moved_until_their_texts_point_where_they_should() -> None:
    """Two words that come together only are found to add up to what the pair means."""
    chance = np.random.default_rng(1)
    meant = chance.normal(size=(40, DIMENSIONS)).astype(np.float32)
    texts = [sorted(chance.choice(40, 3, replace=False).tolist()) for _ in range(4_096)]
    sums = np.stack([meant[text].sum(axis=0) for text in texts])
    wanted = (sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)
    alone = (meant + chance.normal(size=meant.shape) * 2).astype(np.float32)

    def nearness(words: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
        found = np.stack([words[text].sum(axis=0) for text in texts])
        return float(((found * wanted).sum(axis=1) / np.linalg.norm(found, axis=1)).mean())

    words = fitted(Texts.of(texts), wanted, alone)
    assert nearness(words) > nearness(alone) + 0.05
    assert words.tolist() == fitted(Texts.of(texts), wanted, alone).tolist()


def test_directions_are_reduced_to_what_tells_most() -> None:
    """What differs stays, turned; of length 1."""
    chance = np.random.default_rng(2)
    directions = chance.normal(size=(400, 300)).astype(np.float32)
    directions[:, 5] *= 30
    found = reduced(directions)
    assert found.shape == (400, DIMENSIONS)
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(400), abs=1e-4)
    own = directions[:, 5] - directions[:, 5].mean()
    assert abs(float(np.corrcoef(found[:, 0], np.sign(own))[0, 1])) > 0.8
