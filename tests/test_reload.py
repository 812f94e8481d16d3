"""Reloading: new bots in place of the old ones, or the old ones and a word about why."""

import asyncio
import sys
from pathlib import Path

import pytest

from botkit.events import Address, Message
from cafes import MODULE, PYTHON, YAML, Cafe, built, changed


@pytest.fixture
def modules(tmp_path: Path, request: pytest.FixtureRequest) -> tuple[str, str]:
    """The names of two modules in a folder, which no other test imports."""
    names = tuple(f"{name}_{abs(hash(request.node.nodeid))}" for name in ("cafe", "prices"))
    (tmp_path / "bots.yaml").write_text(PYTHON.replace("MODULE", names[0]))
    (tmp_path / f"{names[0]}.py").write_text(MODULE.replace("OTHER", names[1]))
    (tmp_path / f"{names[1]}.py").write_text("PRICE = 3\n")
    return names[0], names[1]


async def test_new_bots_answer_from_the_next_turn_on(cafe: Cafe) -> None:
    """What the file says now is what is answered."""
    before = await cafe.ask("when")
    cafe.write("At 9.")
    await cafe.reloader.reload()

    assert (before, await cafe.ask("when")) == ("At 8.", "At 9.")
    assert [(one.problems, one.restart) for one in cafe.told] == [((), ())]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("version: 1\nbots: {cafe: {pages: ['41'], fallbak: x}}", "fallbak"),
        ("version: [", "bots.yaml:1:10: the [ that opens here is never closed"),
        ("", "the file is empty"),
        (YAML + "  other: {fallback: x}\n", "pages"),
    ],
)
async def test_a_broken_file_leaves_the_old_bots(cafe: Cafe, text: str, problem: str) -> None:
    """They go on, and every mistake is told."""
    (cafe.folder / "bots.yaml").write_text(text)
    await cafe.reloader.reload()

    assert await cafe.ask("when") == "At 8."
    (told,) = cafe.told
    assert told.configuration is None
    assert problem in "\n".join(told.problems)


async def test_a_mended_file_is_taken(cafe: Cafe) -> None:
    """A mistake is over when it is mended."""
    (cafe.folder / "bots.yaml").unlink()
    await cafe.reloader.reload()
    cafe.write("At 9.")
    await cafe.reloader.reload()

    assert await cafe.ask("when") == "At 9."
    assert [bool(one.problems) for one in cafe.told] == [True, False]


async def test_settings_that_need_a_restart_say_so(cafe: Cafe) -> None:
    """The bots are taken over, the settings are named."""
    (cafe.folder / "bots.yaml").write_text("store: other.db\nserver: {port: 9123}\n" + YAML.replace("ANSWER", "At 9."))
    await cafe.reloader.reload()

    assert await cafe.ask("when") == "At 9."
    assert [one.restart for one in cafe.told] == [("store", "server")]


async def test_modules_are_read_again(tmp_path: Path, modules: tuple[str, str]) -> None:
    """Also those that the bot's module imports; the session stays."""
    cafe = built(tmp_path)
    async with cafe.app:
        before = await cafe.ask("count")
        (tmp_path / f"{modules[1]}.py").write_text("PRICE = 4\n")
        await cafe.reloader.reload()

        assert (before, await cafe.ask("count")) == ("1 at 3", "2 at 4")


async def test_an_open_question_stays_open(tmp_path: Path, modules: tuple[str, str]) -> None:
    """Whoever is asked by the old bot answers the new one."""
    cafe = built(tmp_path)
    async with cafe.app:
        asked = await cafe.ask("order")
        (tmp_path / f"{modules[1]}.py").write_text("PRICE = 4\n")
        await cafe.reloader.reload()

        assert (asked, await cafe.ask("large")) == ("Small or large?", "A large one at 4.")


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("PRICE =\n", ".py:1: invalid syntax"),
        ("PRICE = nowhere\n", "nowhere"),
        ("", "PRICE"),
    ],
)
async def test_a_module_that_raises_leaves_the_old_one(
    tmp_path: Path, modules: tuple[str, str], code: str, problem: str
) -> None:
    """In the bot, and for whoever imports it."""
    cafe = built(tmp_path)
    old = sys.modules[modules[0]]
    async with cafe.app:
        (tmp_path / f"{modules[1]}.py").write_text(code)
        await cafe.reloader.reload()

        assert await cafe.ask("count") == "1 at 3"
    assert cafe.told[0].configuration is None
    assert problem in "\n".join(cafe.told[0].problems)
    assert sys.modules[modules[0]] is old


async def test_in_production_modules_stay(tmp_path: Path, modules: tuple[str, str]) -> None:
    """Only bots.yaml is read again, and resources stay open."""
    cafe = built(tmp_path, python=False)
    opened = sys.modules[modules[0]].opened
    async with cafe.app:
        (tmp_path / f"{modules[1]}.py").write_text("PRICE = 4\n")
        await cafe.reloader.reload()

        assert (await cafe.ask("count"), opened) == ("1 at 3", ["open"])
    assert opened == ["open", "close"]


async def test_resources_of_new_modules_are_opened_and_the_old_closed(tmp_path: Path, modules: tuple[str, str]) -> None:
    """Each once."""
    cafe = built(tmp_path)
    old = sys.modules[modules[0]].opened
    async with cafe.app:
        await cafe.reloader.reload()
        new = sys.modules[modules[0]].opened

        assert (old, new, await cafe.ask("count")) == (["open", "close"], ["open"], "1 at 3")
    assert new == ["open", "close"]


async def test_files_are_edited_under_load_and_nothing_is_lost(cafe: Cafe) -> None:
    """Every message is answered once, by the bot of its moment, while the file changes again and again."""
    users = [Address("messenger", "41", f"user{number}") for number in range(20)]

    async def talk(address: Address) -> None:
        for number in range(15):
            await cafe.app.store.accept(Message(id=f"n{number}", address=address, kind="text", text="when"))
            await asyncio.sleep(0.01)

    async def edit() -> None:
        for hour in range(9, 19):
            if hour % 3:
                cafe.write(f"At {hour}.")
            else:
                (cafe.folder / "bots.yaml").write_text("bots: {")
            await cafe.reloader.reload()

    await asyncio.gather(edit(), *(talk(user) for user in users))
    async with asyncio.timeout(20):
        while sum(len(cafe.messenger.shown(user)) for user in users) < 300:
            await asyncio.sleep(0.01)
    answers = {shown.text for user in users for shown in cafe.messenger.shown(user)}

    assert [len(cafe.messenger.shown(user)) for user in users] == [15] * 20
    assert answers <= {"At 8.", *(f"At {hour}." for hour in range(9, 19) if hour % 3)}
    assert len(answers) > 1
    assert (await cafe.app.store.backlog()).dead_events == 0


async def test_several_wishes_are_one(cafe: Cafe) -> None:
    """A signal that comes twice is a reload."""
    async with cafe.reloader.running(watch=False):
        cafe.write("At 9.")
        cafe.reloader.ask()
        cafe.reloader.ask()
        await changed(cafe, 1)

    assert (len(cafe.told), await cafe.ask("when")) == (1, "At 9.")
