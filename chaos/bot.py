"""The bot under test: what it answers depends on everything before, so that a lost or repeated effect can be seen."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import aiohttp

from botkit import Bot, Chat, Timeout

#: So long a question waits for the user who never answers it.
SILENCE = timedelta(seconds=0.4)


def bot_of(cashier_url: str, reach: Callable[[str], None]) -> Bot:
    """A bot that counts, takes orders and writes invoices; it has its payments made at *cashier_url*."""
    bot = Bot("struck")
    _counts(bot)
    _holds(bot)
    _takes_orders(bot, cashier_url, reach)
    _writes_invoices(bot)
    return bot


def _counted(chat: Chat, number: int) -> int:
    seen = chat.session.setdefault("seen", [])
    assert isinstance(seen, list)
    seen.append(number)
    return len(seen) - 1


def _counts(bot: Bot) -> None:
    @bot.intent("count {number:int}")
    async def count(chat: Chat, number: int) -> list[str]:
        await chat.send(f"{number} begins")
        before = _counted(chat, number)
        await asyncio.sleep(0.002)
        return [f"{number} after {before}", f"{number} ends"]


def _holds(bot: Bot) -> None:
    runs, release = set[str](), asyncio.Event()

    @bot.intent("hold {number:int}")
    async def hold(chat: Chat, number: int) -> str:
        """The first run outlives its lease, and ends when another has long been answered."""
        before = _counted(chat, number)
        if chat.user_id not in runs:
            runs.add(chat.user_id)
            await release.wait()
        else:
            asyncio.get_running_loop().call_later(0.03, release.set)
        return f"{number} held after {before}"


def _takes_orders(bot: Bot, cashier_url: str, reach: Callable[[str], None]) -> None:
    async def pay(user: str, cakes: int, idempotency_key: str) -> int:
        reach("before pay")
        order = {"user": user, "cakes": cakes, "key": idempotency_key}
        async with aiohttp.ClientSession() as session, session.post(cashier_url, json=order) as response:
            receipt = int(await response.text())
        reach("after pay")
        return receipt

    @bot.intent("order")
    async def order(chat: Chat) -> str:
        cakes = await chat.ask("How many?", type=int)
        chat.session["ordered"] = int(str(chat.session.get("ordered", 0))) + cakes
        receipt = await chat.once(pay, chat.user_id, cakes)
        name = await chat.ask(f"Receipt {receipt}. Your name?")
        return f"Thanks, {name}: {chat.session['ordered']} in all."


def _writes_invoices(bot: Bot) -> None:
    @bot.intent("invoice")
    async def invoice(chat: Chat) -> str:
        await chat.send("Please pay.")
        paid = await chat.wait("paid", timeout=timedelta(hours=20))
        try:
            return await chat.ask(f"Thank you for {paid}. Anything else?", timeout=SILENCE)
        except Timeout:
            return "Another time, then."
