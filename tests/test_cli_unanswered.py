"""What was not understood, as the page is told of it."""

from datetime import timedelta

from botkit import Bot
from botkit.cli.unanswered import Unanswered
from botkit.events import Address, Message
from botkit.observe import SystemClock
from botkit.stores import open_store
from botkit.work import Gap, Outcome


async def test_each_group_comes_with_what_to_paste() -> None:
    """The most frequent first, those that are answered by now last, and no name twice."""
    store = open_store(":memory:", clock=SystemClock())
    await store.open()
    for number, text in enumerate(["tell me a joke", "is # free", "tell me a joke", "repair bikes"]):
        await store.accept(Message(id=f"m{number}", address=Address("messenger", "1", "ann"), kind="text", text="x"))
        (work,) = await store.claim(1)
        until = work.now + timedelta(days=1)
        await store.commit(work, Outcome(gap=Gap(bot="shop", language="en", text=text, at=work.now, until=until)))
    bot = Bot("shop")
    bot.intent("is {number:int} free", name="repair_bikes")(lambda chat, number: "")
    told = await Unanswered(store, lambda: [bot])()
    await store.close()
    groups = told["groups"]
    assert isinstance(groups, list)

    assert told["count"] == 4
    assert [(one["texts"][0], one["count"], one["answered"]) for one in groups] == [
        ("tell me a joke", 2, None),
        ("repair bikes", 1, None),
        ("is # free", 1, "repair_bikes"),
    ]
    assert [one["yaml"].partition(":")[0].strip() for one in groups][:2] == ["tell_me_a_joke", "repair_bikes_2"]
