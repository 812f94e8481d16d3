"""A reload takes over where lookups may go, and with which secrets."""

import asyncio
from pathlib import Path

from botkit import App
from botkit.cli.reloading import reloader_of
from botkit.config import Configuration
from botkit.events import Address, Message
from botkit.loading import load
from botkit.reload import Reloaded
from botkit.settings import Settings
from botkit.testing.messenger import Messenger
from order_desk import OrderDesk, an_order_desk

ANN = Address("messenger", "41", "ann")
BOTS = """
version: 1
lookups: {hosts: [HOSTS]}
bots:
  shop:
    pages: ["41"]
    intents:
      order:
        phrases: [my order]
        lookup: {url: "URL/orders/7", otherwise: None.}
        reply: It is {lookup.status}.
"""

BROKEN = """
from botkit import Bot

bot = Bot()


@bot.resource
async def till():
    raise OSError
"""


def written(folder: Path, desk: OrderDesk, key: str) -> Configuration:
    """A shop in *folder* that asks the desk with that key, which stands in a file."""
    (folder / "key").write_text(key)
    hosts = f'{{host: "{desk.host}", headers: {{X-Key: "${{file:key}}"}}}}'
    (folder / "bots.yaml").write_text(BOTS.replace("HOSTS", hosts).replace("URL", desk.url))
    return load(folder / "bots.yaml", secrets=False)


async def test_new_secrets_are_used_after_a_reload(tmp_path: Path) -> None:
    """Nothing has to be started again for it."""
    told: list[Reloaded] = []
    async with an_order_desk() as desk:
        loaded = written(tmp_path, desk, "old")
        messenger = Messenger()
        settings = Settings(store=":memory:", lookups=loaded.settings.lookups)
        app = App(loaded.bots, settings=settings, channel=messenger)
        reloader = reloader_of(str(tmp_path / "bots.yaml"), loaded, app, dev=True, shown=told.append)
        async with app, asyncio.timeout(20):
            for number, key in enumerate(("old", "new")):
                written(tmp_path, desk, key)
                await reloader.reload()
                await app.store.accept(Message(id=f"m{number}", address=ANN, kind="text", text="my order"))
                while len(messenger.shown(ANN)) <= number:
                    await asyncio.sleep(0.005)

    assert [shown.text for shown in messenger.shown(ANN)] == ["It is baked.", "It is baked."]
    assert [headers["X-Key"] for _, headers in desk.asked] == ["old", "new"]
    assert [(one.problems, one.restart) for one in told] == [((), ()), ((), ())]


async def test_what_is_wrong_with_new_bots_changes_no_secret(tmp_path: Path) -> None:
    """The old bots go on, and ask as they did."""
    async with an_order_desk() as desk:
        loaded = written(tmp_path, desk, "old")
        app = App(
            loaded.bots, settings=Settings(store=":memory:", lookups=loaded.settings.lookups), channel=Messenger()
        )
        reloader = reloader_of(str(tmp_path / "bots.yaml"), loaded, app, dev=True)
        async with app:
            written(tmp_path, desk, "new")
            with (tmp_path / "bots.yaml").open("a") as file:
                file.write("    python: broken_till_of_this_test:bot\n")
            (tmp_path / "broken_till_of_this_test.py").write_text(BROKEN)
            await reloader.reload()

        assert [host.headers for host in app.inquiries.hosts] == [{"X-Key": "old"}]
