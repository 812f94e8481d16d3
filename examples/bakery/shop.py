"""The part of the bakery's bot that needs code."""

from botkit import Bot, Chat

bot = Bot()


@bot.intent(name="cake")
async def cake(chat: Chat, size: str = "small") -> str:
    """Put a cake into the basket."""
    cakes = int(str(chat.session.get("cakes", 0))) + 1
    chat.session["cakes"] = cakes
    return f"One {size} cake! That makes {cakes}."
