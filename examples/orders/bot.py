"""A bot in Python that remembers who asks and shares a resource: botkit run --dev examples.orders.bot:bot."""

from collections.abc import AsyncIterator, Mapping

from botkit import Bot, Chat, Choice, RetryLater, Text

bot = Bot("orders", timezone="Europe/Berlin")

Warehouse = Mapping[int, str]


@bot.resource
async def warehouse() -> AsyncIterator[Warehouse]:
    """Open what every handler shares: here a table, elsewhere a pool of connections."""
    yield {17: "on its way", 42: "waiting for you at the counter"}


@bot.intent("hello", "hi [there]")
async def hello(chat: Chat) -> Text:
    """Greet, and offer what can be asked."""
    return Text("Hello! What can I do?", choices=[Choice("Where is my order?", intent="which"), "Nothing"])


@bot.intent("where is my order", "has my parcel shipped")
async def which(chat: Chat) -> str:
    """Use what the session remembers, else ask for the number."""
    number = chat.session.get("order")
    return f"Is it still order {number}? Then say: track {number}" if number else "Which one? Say: track 42"


@bot.intent("track {number:int}", "where is [my] order {number:int}")
async def track(chat: Chat, number: int, warehouse: Warehouse) -> str:
    """Look an order up, and remember it for the next time."""
    chat.session["order"] = number
    return f"Order {number} is {warehouse.get(number, 'not known to us')}."


@bot.intent("call me back at {phone:phone}")
async def call_back(chat: Chat, phone: str) -> str:
    """Run again in a minute where nobody can take the call now."""
    if chat.now().hour < 6:
        raise RetryLater(60)
    return f"We will call {phone}."


@bot.on("image")
async def photo(chat: Chat) -> str:
    """Answer what is no text."""
    return "A nice picture! I cannot read labels yet: please type the number."


@bot.fallback
async def lost(chat: Chat) -> str:
    """Say what can be asked."""
    return 'Sorry, I did not get that. Try "track 42".'
