"""Forms: slots are asked for, several may come in one message, and an edited form goes on where it stands."""

import pytest

from botkit import Bot, Chat, Choice, DefinitionError, Image, Slot, Text
from talks import Talk


def cakes(*names: str, confirm: str | None = None) -> Bot:
    """A bot that takes orders, and asks for the slots *names* in this order."""
    bot = Bot("bakery", lists={"size": {"small": ["little"], "large": ["big", "huge"]}})
    asked = {
        "size": Slot("size", ask="Small or large?"),
        "count": Slot(int, ask="How many?", retry_text="A number, please."),
        "day": Slot("date", ask="For which day?"),
        "name": Slot(str, ask="Under which name?"),
        "icing": Slot(choices=["lemon", "chocolate"], ask="Which icing?"),
    }
    slots = {name: asked[name] for name in names}

    @bot.intent("a cake", "a {size} cake", "cake for {day}", slots=slots or asked, confirm=confirm, name="cake")
    async def cake(chat: Chat, **slots: object) -> str:
        return ", ".join(f"{name}: {slots[name]}" for name in sorted(slots))

    @bot.intent("what does it cost")
    async def cost(chat: Chat) -> str:
        return "Three euro."

    return bot


async def test_what_a_phrase_leaves_open_is_asked_for() -> None:
    """Slots are asked for one after the other, and the handler is called with all of them."""
    async with Talk(cakes("size", "count", "icing", "name")) as talk:
        assert await talk.say("a big cake") == ["How many?"]
        assert await talk.say("many") == ["A number, please."]
        assert await talk.say("three") == ["Which icing?\n1. lemon\n2. chocolate"]
        assert await talk.say("2") == ["Under which name?"]
        assert await talk.say("Ann Lee") == ["count: 3, icing: chocolate, name: Ann Lee, size: large"]
        assert await talk.flow() == ""


async def test_a_phrase_that_fills_everything_is_asked_nothing() -> None:
    """There is no question where there is nothing to ask."""
    async with Talk(cakes("size")) as talk:
        assert await talk.say("a little cake") == ["size: small"]


async def test_one_message_may_fill_several_slots() -> None:
    """A sentence is searched for whatever is still open."""
    async with Talk(cakes("size", "count", "day")) as talk:
        await talk.say("a cake")

        assert await talk.say("large ones, 2 please, for 2026-12-24") == ["count: 2, day: 2026-12-24, size: large"]


async def test_another_slot_than_the_one_that_was_asked_for_may_be_filled() -> None:
    """What was said is kept, and the open slot is asked for again."""
    async with Talk(cakes("size", "count", "day")) as talk:
        await talk.say("a cake")

        assert await talk.say("it is for 2026-12-24") == ["Small or large?"]
        assert await talk.say("big") == ["How many?"]
        assert await talk.say("1") == ["count: 1, day: 2026-12-24, size: large"]


async def test_the_intents_own_phrase_fills_its_slots() -> None:
    """Whoever says it again, with more, is understood."""
    async with Talk(cakes("size", "count")) as talk:
        await talk.say("a cake")

        assert await talk.say("a huge cake") == ["How many?"]


async def test_a_form_is_left_for_a_digression() -> None:
    """Another intent is answered, and the slot asked for again."""
    async with Talk(cakes("size")) as talk:
        await talk.say("a cake")

        assert await talk.say("what does it cost") == ["Three euro.", "Small or large?"]


async def test_an_edited_form_goes_on() -> None:
    """Slots that were added, removed or put in another order never break a live form."""
    async with Talk(cakes("size", "count", "name")) as talk:
        await talk.say("a cake")
        await talk.say("small")
        talk.bot = cakes("icing", "day", "size")
        answers = [await talk.say(text) for text in ("7", "lemon", "2026-12-24")]

        assert answers == [
            ["Which icing?\n1. lemon\n2. chocolate"],
            ["For which day?"],
            ["day: 2026-12-24, icing: lemon, size: small"],
        ]
        assert talk.failure is None
        assert talk.alarms == []


async def test_a_slot_that_is_added_while_the_handler_asks_is_asked_for_between() -> None:
    """What the handler had asked and done is neither asked nor done again."""
    done: list[str] = []

    def bake() -> None:
        done.append("baked")

    def baker(**slots: Slot) -> Bot:
        bot = Bot("bakery")

        @bot.intent("a cake", slots=slots, name="cake")
        async def cake(chat: Chat, **known: object) -> str:
            colour = await chat.ask("Which colour?", name="colour")
            await chat.once(bake)
            return f"{colour}, on {await chat.ask('Which day?', name='day')}, for {known.get('name')}."

        return bot

    size, name = Slot(int, ask="How wide?"), Slot(str, ask="Under which name?")
    async with Talk(baker(size=size)) as talk:
        for text in ("a cake", "3", "red"):
            await talk.say(text)
        talk.bot = baker(size=size, name=name)
        answers = [await talk.say(text) for text in ("on Monday", "Ann", "on Monday")]

        assert answers == [["Under which name?"], ["Which day?"], ["red, on on Monday, for Ann."]]
        assert (done, talk.failure) == (["baked"], None)


async def test_a_form_that_needs_nothing_any_more_calls_its_handler() -> None:
    """The slot that was asked for is gone: the next message, whatever it says, brings the answer."""
    async with Talk(cakes("size", "count")) as talk:
        await talk.say("a big cake")
        talk.bot = cakes("size")

        assert await talk.say("3") == ["size: large"]


async def test_a_slot_of_another_type_is_asked_for_again() -> None:
    """What was understood as a size is no number."""
    async with Talk(cakes("size", "count")) as talk:
        await talk.say("a cake")
        await talk.say("big")
        edited = Bot("bakery")

        @edited.intent("a cake", slots={"size": Slot(int, ask="How wide?")}, name="cake")
        async def cake(chat: Chat, size: int) -> str:
            return f"{size} inches."

        talk.bot = edited
        assert await talk.say("3") == ["How wide?"]
        assert await talk.say("12") == ["12 inches."]


async def test_a_form_may_be_confirmed_and_changed() -> None:
    """No leads back to one slot; a correction in the same breath is taken at once."""
    async with Talk(cakes("size", "count", confirm="{count} {size} cakes?")) as talk:
        await talk.say("a small cake")
        assert await talk.say("2") == ["2 small cakes?"]
        assert await talk.say("no") == ["What would you like to change?\n1. size\n2. count"]
        assert await talk.say("count") == ["How many?"]
        assert await talk.say("5") == ["5 small cakes?"]
        assert await talk.say("no, I want large ones") == ["5 large cakes?"]
        assert await talk.say("yes") == ["count: 5, size: large"]


async def test_what_a_user_says_is_not_looked_at_again_in_what_confirms_it() -> None:
    """Names are replaced once, in one pass, and braces are written with a backslash; a time is said as in replies."""
    bot = Bot("bakery")
    slots = {"name": Slot(str, ask="Your name?"), "count": Slot(int, ask="How many?"), "at": Slot("time", ask="When?")}

    @bot.intent("a cake", slots=slots, confirm=r"{count} for {name} at {at} \{sic\}?")
    async def cake(chat: Chat, name: str, count: int, at: object) -> str:
        return f"{count} {name}, noted."

    async with Talk(bot) as talk:
        for text in ("a cake", "{count}", "4"):
            await talk.say(text)

        assert await talk.say("15:30") == ["4 for {count} at 15:30 {sic}?"]
        assert await talk.say("yes") == ["4 {count}, noted."]


async def test_what_confirms_may_say_a_slot_that_only_some_phrases_have() -> None:
    """It is empty where it was not said."""
    bot = Bot("bakery")

    @bot.intent(
        "a cake", "a cake with {icing}", slots={"count": Slot(int, ask="How many?")}, confirm="{count} {icing}?"
    )
    async def cake(chat: Chat, count: int, icing: str = "") -> str:
        return f"{count} {icing}."

    async with Talk(bot) as talk:
        await talk.say("a cake")
        assert await talk.say("2") == ["2 ?"]
        await talk.say("cancel")
        await talk.say("a cake with lemon")
        assert await talk.say("2") == ["2 lemon?"]


@pytest.mark.parametrize(
    ("confirm", "complaint"),
    [
        ("{siz}?", "says {siz} in confirm=, which is no slot of it; a brace itself is written \\{."),
        ("{session.size}?", "says {session.size} in confirm=, which is no slot of it; a brace itself is written \\{."),
        ("{count?", "here is a {, and nothing closes it; a brace itself is written \\{ or \\}."),
    ],
)
def test_what_confirms_says_slots_and_nothing_else(confirm: str, complaint: str) -> None:
    """The user would see the braces."""
    with pytest.raises(DefinitionError) as raised:
        cakes("size", "count", confirm=confirm).check()

    assert str(raised.value).endswith(complaint)


def test_what_confirms_nothing_is_refused() -> None:
    """It would never be said."""
    bot = Bot("bakery")
    bot.intent("a {size} cake", name="cake", confirm="{size}?")(lambda chat: "Yes.")

    with pytest.raises(DefinitionError, match=r"has confirm=, and nothing to confirm: no slot of it has an ask=\."):
        bot.check()


async def test_a_handler_behind_a_form_may_ask_on() -> None:
    """The form and the questions of its handler share one journal."""
    bot = Bot("bakery")

    @bot.intent("a cake", slots={"count": Slot(int, ask="How many?")})
    async def cake(chat: Chat, count: int) -> str:
        chat.session["orders"] = count
        await chat.send("Good.")
        picture = await chat.ask("What should it look like?", type=Image)
        return f"{count} like {picture.url}, {chat.session['orders']}"

    async with Talk(bot) as talk:
        await talk.say("a cake")
        assert await talk.say("2") == ["Good.", "What should it look like?"]
        assert await talk.say(kind="image", url="https://example.com/a.png") == ["2 like https://example.com/a.png, 2"]


async def test_a_choice_may_lead_to_a_form() -> None:
    """A choice fills no slot, and a form asks for what is missing."""
    bot = cakes("size")

    @bot.intent("menu")
    async def menu(chat: Chat) -> Text:
        return Text("Today:", choices=[Choice("Cake", intent="cake")])

    async with Talk(bot) as talk:
        await talk.say("menu")
        assert await talk.say("1") == ["Small or large?"]
