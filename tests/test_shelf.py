"""The shelf: what is kept is found again whole, by any process, and whatever cannot be read is not there."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from botkit.language.likeness import Example, learned
from botkit.shelf import KEPT_LIMIT, Shelf, user_shelf

EXAMPLES = [
    Example("hours", "when do you open"),
    Example("hours", "opening hours", 1),
    Example("card", "how do I get a card", 2),
    Example("card", "become a member", 3),
]


class Counted(Shelf):
    """A shelf that knows what was saved there."""

    saved: list[str] = []  # noqa: RUF012 - one list for all of a test's shelves, emptied by each

    def save(self, key: str, content: bytes) -> None:
        """Save, and remember."""
        self.saved.append(key)
        super().save(key, content)


def test_a_model_is_learned_once_and_found_again_by_another_process(tmp_path: Path) -> None:
    """And it says the same."""
    Counted.saved.clear()
    first = learned(EXAMPLES, cache=Counted(tmp_path / "models"))
    again = learned(EXAMPLES, cache=Counted(tmp_path / "models"))

    assert len(Counted.saved) == 1
    assert again.guess("wehn open") == first.guess("wehn open")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: b"\x80\x04K\x01." + content,
    ],
)
def test_a_spoilt_model_is_learned_anew_and_replaced(tmp_path: Path, spoil: object) -> None:
    """Cut off, changed, or no model at all."""
    assert callable(spoil)
    Counted.saved.clear()
    good = learned(EXAMPLES, cache=Counted(tmp_path))
    (file,) = tmp_path.iterdir()
    content = file.read_bytes()
    file.write_bytes(spoil(content))

    assert learned(EXAMPLES, cache=Counted(tmp_path)).guess("open") == good.guess("open")
    assert (len(Counted.saved), file.read_bytes()) == (2, content)


def test_other_phrases_are_another_model(tmp_path: Path) -> None:
    """So that nothing old is ever taken for new."""
    for examples in (EXAMPLES, EXAMPLES[:-1], [*EXAMPLES[:-1], Example("hours", "become a member", 3)]):
        learned(examples, cache=Shelf(tmp_path))

    assert len(list(tmp_path.iterdir())) == 3


def test_builders_at_the_same_time_do_not_clash(tmp_path: Path) -> None:
    """Each reads a whole value, and nothing else is left in the folder."""
    shelf, values = Shelf(tmp_path), [bytes([number]) * 100_000 for number in range(8)]

    def saved_and_read(value: bytes) -> Sequence[bytes | None]:
        shelf.save("key", value)
        return [shelf.load("key") for _ in range(20)]

    with ThreadPoolExecutor(8) as threads:
        read = [one for some in threads.map(saved_and_read, values) for one in some]

    assert {*read} <= {*values}
    assert [file.name for file in tmp_path.iterdir()] == ["key.likeness"]


def test_a_folder_that_cannot_be_used_is_as_good_as_empty(tmp_path: Path) -> None:
    """The bot learns what it needs."""
    (tmp_path / "file").write_text("not a folder")
    shelf = Shelf(tmp_path / "file" / "models")
    shelf.save("key", b"value")

    assert shelf.load("key") is None
    assert learned(EXAMPLES, cache=shelf).guess("opening hours today").answers is not None


def test_what_was_saved_longest_ago_goes(tmp_path: Path) -> None:
    """A shelf does not grow for ever, and leaves other files alone."""
    shelf = Shelf(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    for number in range(KEPT_LIMIT):
        shelf.save(f"old{number}", b"x")
        os.utime(tmp_path / f"old{number}.likeness", (number, number))
    shelf.save("new", b"x")

    assert (shelf.load("old0"), shelf.load("old1"), shelf.load("new")) == (None, b"x", b"x")
    assert (tmp_path / "notes.txt").exists()


def test_the_shelf_of_a_user_is_where_he_wants_his_caches(tmp_path: Path) -> None:
    """Else below his home."""
    assert user_shelf({"XDG_CACHE_HOME": str(tmp_path)}, Path("/nowhere")) == Shelf(tmp_path / "botkit")
    assert user_shelf({}, tmp_path).folder.is_relative_to(tmp_path)
