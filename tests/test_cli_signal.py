"""`botkit signal`: something has happened, and the store of a bots.yaml hears of it."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from botkit.cli import commands
from botkit.events import Address, Signal
from botkit.observe import SystemClock
from botkit.stores import open_store
from botkit.work import Work


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a bot and its store."""
    (tmp_path / "bots.yaml").write_text("version: 1\nstore: shop.db\nbots: {shop: {fallback: What?}}\n")

    async def make() -> None:
        store = open_store(str(tmp_path / "shop.db"), clock=SystemClock())
        await store.open()
        await store.close()

    asyncio.run(make())
    return tmp_path


def botkit(folder: Path, *arguments: str) -> Result:
    """Run the command on the folder's bots.yaml."""
    return CliRunner().invoke(commands, ["signal", *arguments, "--config", str(folder / "bots.yaml")])


def waiting(folder: Path) -> list[Work]:
    """What a worker would be handed now."""

    async def claimed() -> list[Work]:
        store = open_store(str(folder / "shop.db"), clock=SystemClock())
        await store.open()
        works = list(await store.claim(10))
        await store.close()
        return works

    return asyncio.run(claimed())


def test_a_signal_is_put_into_the_lane_of_its_conversation(folder: Path) -> None:
    """With its data, and once for each id."""
    first = botkit(folder, "1070/2519", "paid", "--data", '{"amount": 12}', "--id", "invoice-7")
    second = botkit(folder, "1070/2519", "paid", "--id", "invoice-7")
    (work,) = waiting(folder)

    assert first.output == "Signal paid is on its way.\n"
    assert second.output == "Signal invoice-7 was known already: nothing happens.\n"
    assert work.event == Signal(
        id="signal:invoice-7", address=Address("messenger", "1070", "2519"), name="paid", data={"amount": 12}
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["2519", "paid"], '"2519" is not PAGE/PSID, such as 1070/2519283798.'),
        (["1070/2519", "paid", "--data", "{12"], "--data takes JSON, such as"),
        (["1070/2519", "botkit.resume"], "The signal botkit.resume is botkit's own; `botkit user resume 1070/2519`"),
        (["1070/2519", "paid", "--store", ":memory:"], "A store in memory cannot be written to from outside"),
        (["1070/2519", "paid", "--store", "gone.db"], "There is no store at"),
    ],
)
def test_a_mistake_gets_one_sentence(folder: Path, arguments: list[str], told: str) -> None:
    """It says what is taken."""
    assert told in str(botkit(folder, *arguments).exception)
