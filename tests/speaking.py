"""What tests of languages share: a bakery's bot that speaks English and German."""

from botkit import Bot, Chat, Choice, Text, Translated

WHICH = Translated(en="Which bread?", de="Welches Brot?")
RYE = Choice(Translated(en="Rye", de="Roggen"))
WHEAT = Choice(Translated(en="Wheat", de="Weizen"))


def bakery(**options: object) -> Bot:
    """A bot that speaks English and German."""
    bot = Bot("bakery", **options)  # type: ignore[arg-type]  # options of the one test

    @bot.intent({"en": ["when do you open"], "de": ["wann habt ihr offen", "wann macht ihr auf"]})
    def hours(chat: Chat) -> str:
        return Translated(en="At 8.", de="Um 8.")

    @bot.intent({"en": ["order bread"], "de": ["brot bestellen"]})
    async def order(chat: Chat) -> str:
        bread = await chat.ask(WHICH, choices=[RYE, WHEAT])
        count = await chat.ask(Translated(en="How many?", de="Wie viele?"), type=int)
        sure = await chat.ask(Translated(en="Sure?", de="Sicher?"), type=bool)
        return f"{bread} {count} {sure} {chat.language}"

    @bot.intent("pizza {number:int}")
    def pizza(chat: Chat, number: int) -> str:
        return f"{number} in {chat.language}"

    @bot.intent("speak {code:word}")
    def speak(chat: Chat, code: str) -> Text:
        chat.language = code
        return Text(WHICH, choices=[RYE, WHEAT])

    return bot
