"""Reloading: files are watched, and no edit is missed, whenever it comes."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest

from botkit.config import Configuration
from botkit.loading import load
from botkit.observe import SystemClock
from botkit.reload import Reloader, Sources
from cafes import ANN, PYTHON, YAML, Cafe, built, changed, watched


async def test_a_change_is_noticed(cafe: Cafe) -> None:
    """However the editor writes the file: in place, or under another name first."""
    async with cafe.reloader.running(watch=True):
        await watched(cafe.folder)
        cafe.write("At 9.")
        await changed(cafe, 1)
        first = await cafe.ask("when")
        (cafe.folder / "bots.yaml.new").write_text(YAML.replace("ANSWER", "At 10."))
        (cafe.folder / "bots.yaml.new").replace(cafe.folder / "bots.yaml")
        await changed(cafe, 2)

    assert (first, await cafe.ask("when")) == ("At 9.", "At 10.")


@pytest.mark.parametrize("how", ["written", "moved"])
async def test_an_edit_that_comes_before_the_watch_is_noticed(tmp_path: Path, how: str) -> None:
    """Learning may take seconds, and somebody saves meanwhile; also a file that is older and was moved here."""
    (tmp_path / "bots.yaml").write_text(YAML.replace("ANSWER", "At 8."))
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "bots.yaml").write_text(YAML.replace("ANSWER", "At 9."))
    os.utime(tmp_path / "kept" / "bots.yaml", (1, 1))
    cafe = built(tmp_path, read_at=SystemClock().now())
    async with cafe.app:
        if how == "moved":
            (tmp_path / "kept" / "bots.yaml").replace(tmp_path / "bots.yaml")
        else:
            cafe.write("At 9.")
        async with cafe.reloader.running(watch=True):
            await changed(cafe, 1)

        assert await cafe.ask("when") == "At 9."


async def test_an_edit_of_a_module_below_is_noticed_too(tmp_path: Path) -> None:
    """Nobody knows before the bots are loaded which modules theirs are."""
    package = f"cafe_{abs(hash(str(tmp_path)))}"
    (tmp_path / package).mkdir()
    (tmp_path / package / "bot.py").write_text(
        "from botkit import Bot\nbot = Bot()\nbot.fallback(lambda chat: 'Old.')\n"
    )
    (tmp_path / "bots.yaml").write_text(PYTHON.replace("MODULE", f"{package}.bot"))
    cafe = built(tmp_path, read_at=SystemClock().now())
    async with cafe.app:
        text = (tmp_path / package / "bot.py").read_text()
        (tmp_path / package / "bot.py").write_text(text.replace("Old", "New"))
        async with cafe.reloader.running(watch=True):
            await changed(cafe, 1)

        assert await cafe.ask("when") == "New."


async def test_what_was_written_before_it_was_read_is_no_change(cafe: Cafe) -> None:
    """A start needs no reload."""
    read_at = SystemClock().now() + timedelta(seconds=1)
    sources = Sources(cafe.folder / "bots.yaml")
    (cafe.folder / "notes.txt").write_text("no bot's")

    assert not sources.changed_since(read_at)
    assert sources.changed_since(read_at - timedelta(minutes=1))


async def test_bots_with_files_of_their_own_are_noticed(cafe: Cafe) -> None:
    """As they come, in a folder that was not there before, as they change, and as they go."""
    names = list[tuple[str, ...]]()
    bots = cafe.folder / "bots"

    async def noticed(*expected: str) -> None:
        async with asyncio.timeout(20):
            while tuple(bot.name for bot in cafe.app.directory.bots) != expected:
                await asyncio.sleep(0.01)
        names.append(expected)

    async with cafe.reloader.running(watch=True):
        await watched(cafe.folder)
        bots.mkdir()
        (bots / "vet.yaml").write_text("pages: [42]")
        await noticed("cafe", "vet")
        (bots / "smith.yaml").write_text("pages: [43]")
        await noticed("cafe", "smith", "vet")
        (bots / "smith.yaml").unlink()
        await noticed("cafe", "vet")

    assert names == [("cafe", "vet"), ("cafe", "smith", "vet"), ("cafe", "vet")]


async def test_a_file_that_comes_while_its_folder_is_taken_in_is_noticed(cafe: Cafe) -> None:
    """Nobody watches a new folder before its files were read once."""
    bots = cafe.folder / "bots"

    def load_and_fill() -> Configuration:
        found = load(cafe.folder / "bots.yaml", secrets=False)
        if bots.is_dir():
            (bots / "vet.yaml").write_text("pages: [42]")
        return found

    reloader = Reloader(
        load_and_fill,
        loaded=load_and_fill(),
        sources=Sources(cafe.folder / "bots.yaml"),
        replace=lambda fresh: cafe.app.replace(fresh.bots),
        told=cafe.told.append,
    )
    async with reloader.running(watch=True):
        await watched(cafe.folder)
        bots.mkdir()
        async with asyncio.timeout(20):
            while len(cafe.app.directory.bots) < 2:
                await asyncio.sleep(0.01)


async def test_a_file_behind_a_link_and_a_module_beside_the_link_are_noticed(tmp_path: Path) -> None:
    """Modules are found beside the link, as they are when the bots are loaded; what is linked to may lie elsewhere."""
    name = f"cafe_{abs(hash(str(tmp_path)))}"
    module = tmp_path / f"{name}.py"
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "shared.yaml").write_text(PYTHON.replace("MODULE", name))
    (tmp_path / "bots.yaml").symlink_to("real/shared.yaml")
    module.write_text("from botkit import Bot\nbot = Bot()\nbot.fallback(lambda chat: 'Old.')\n")
    cafe = built(tmp_path)
    async with cafe.app, cafe.reloader.running(watch=True):
        await watched(tmp_path)
        await watched(tmp_path / "real")
        module.write_text(module.read_text().replace("Old", "New"))
        await changed(cafe, 1)
        first = await cafe.ask("hello")
        (tmp_path / "real" / "shared.yaml").write_text(YAML.replace("ANSWER", "At 9."))
        await changed(cafe, 2)

        assert (first, await cafe.ask("when")) == ("New.", "At 9.")


@pytest.mark.parametrize("begun", ["", "version: 1\nbots:\n  caf", None], ids=["empty", "half", "gone"])
async def test_a_file_that_is_being_written_is_no_mistake(cafe: Cafe, begun: str | None) -> None:
    """An editor that empties, deletes or half writes a file first means the whole: nobody is told of a mistake."""
    file, read = cafe.folder / "bots.yaml", asyncio.Event()

    def load_and_write() -> Configuration:
        try:
            return load(file, secrets=False)
        finally:
            if not read.is_set():
                read.set()
                cafe.write("At 9.")

    reloader = Reloader(
        load_and_write,
        loaded=load(file, secrets=False),
        sources=Sources(file),
        replace=lambda fresh: cafe.app.replace(fresh.bots),
        told=cafe.told.append,
    )
    async with reloader.running(watch=True):
        await watched(cafe.folder)
        if begun is None:
            file.unlink()
        else:
            file.write_text(begun)
        await changed(cafe, 1)

    assert (cafe.told[0].problems, await cafe.ask("when")) == ((), "At 9.")


async def test_a_mistake_that_stays_is_told(cafe: Cafe) -> None:
    """Once, when the file has rested."""
    async with cafe.reloader.running(watch=True):
        await watched(cafe.folder)
        (cafe.folder / "bots.yaml").write_text("version: [")
        await changed(cafe, 1)

    assert "never closed" in "".join(cafe.told[0].problems)


async def test_a_picture_beside_the_file_is_noticed(cafe: Cafe) -> None:
    """As it comes where it was missed, and as it changes."""
    picture = cafe.folder / "Cake.GIF"
    async with cafe.reloader.running(watch=True):
        await watched(cafe.folder)
        (cafe.folder / "bots.yaml").write_text(YAML.replace("ANSWER", "{image: Cake.GIF}"))
        await changed(cafe, 1)
        picture.write_bytes(b"GIF89a, small")
        await changed(cafe, 2)
        await cafe.ask("when")
        picture.write_bytes(b"GIF89a, large")
        await changed(cafe, 3)
        await cafe.ask("when")
    small, large = (getattr(shown.reply, "url", "") for shown in cafe.messenger.shown(ANN))

    assert [bool(one.problems) for one in cafe.told] == [True, False, False]
    assert small != large
