"""Chatting in a real browser: what is said goes the real way, and what Messenger would show is shown."""

import pytest
from playwright.async_api import expect

from browsing import Dev, Open, Tab

pytestmark = [pytest.mark.acceptance, pytest.mark.asyncio(loop_scope="session")]


async def test_what_is_said_is_answered_and_ticked(tab: Tab) -> None:
    """A message travels as a signed webhook, its answer is shown, and the ticks are those of real statuses."""
    await tab.open_chat("anna")
    replied = await tab.say("anna", "track 42")
    line = tab.chat("anna").locator(".theirs .meta")

    assert replied == "Order 42 is on its way."
    await expect(line).to_contain_text("read")
    await expect(tab.chat("anna").locator(".mine .meta")).to_contain_text("taken")


async def test_choices_are_numbered_text_and_taken_by_number(tab: Tab) -> None:
    """No button is shown that Messenger would not show."""
    await tab.open_chat("bruno")
    asked = await tab.say("bruno", "choose")

    assert asked == "Which day?\n1. Today\n2. Tomorrow"
    assert await tab.say("bruno", "2") == "What?"


async def test_long_replies_come_in_parts(tab: Tab) -> None:
    """Each part is a bubble of its own, as it is a message of its own."""
    await tab.open_chat("clara")
    await tab.say("clara", "long")
    bubbles = tab.chat("clara").locator(".theirs .bubble")

    await expect(bubbles).to_have_count(2)
    assert [len(text) <= 640 for text in await bubbles.all_inner_texts()] == [True, True]


@pytest.mark.parametrize(
    ("choice", "reply"),
    [
        ("Thumbs up", "Nice: unsupported."),
        ("Sticker", "Nice: unsupported."),
        ("Picture", "A picture: sample.png"),
        ("Voice message", "I heard you."),
    ],
)
async def test_what_is_no_text_arrives_as_it_would(tab: Tab, choice: str, reply: str) -> None:
    """A thumbs-up is nothing the Messages API carries; pictures and voices come by their address."""
    user = f"dora {choice}"
    chat = await tab.open_chat(user)
    await chat.get_by_role("button", name="Send something else").click()
    await chat.get_by_role("menuitem", name=choice).click()

    await expect(chat.locator(".theirs .bubble")).to_have_text([reply])


async def test_a_picture_by_its_address(tab: Tab) -> None:
    """Any address can be sent as any kind of medium."""
    chat = await tab.open_chat("emil")
    await chat.get_by_role("button", name="Send something else").click()
    await chat.get_by_role("menuitem", name="By its address").click()
    await tab.page.get_by_label("Address (URL)").fill("https://pictures.example/of/a%20cake.jpg")
    await tab.page.get_by_role("dialog").get_by_role("button", name="Send").click()

    await expect(chat.locator(".theirs .bubble")).to_have_text(["A picture: a%20cake.jpg"])


async def test_pictures_from_elsewhere_wait_until_they_are_asked_for(tab: Tab) -> None:
    """The page asks nobody but its own server, and says what it did not load."""
    await tab.open_chat("frida")
    assert "https://pictures.example/cake.jpg" in await tab.say("frida", "show me")
    link = tab.chat("frida").get_by_role("link", name="Load from the web")

    assert await link.get_attribute("href") == "?media=web"
    assert {url for url in tab.asked if "127.0.0.1" not in url} == set()


async def test_two_users_side_by_side(tab: Tab) -> None:
    """Each has a session of its own, and each chat shows its own messages only."""
    await tab.open_chat("gerd")
    await tab.open_chat("hanna", beside=True)
    for user in ("gerd", "hanna", "gerd"):
        await tab.say(user, "count")

    assert await tab.shown("gerd") == ["count", "That was 1.", "count", "That was 2."]
    assert await tab.shown("hanna") == ["count", "That was 1."]


async def test_two_tabs_see_the_same(tab: Tab, shared: Dev, open_tab: Open) -> None:
    """What happens is told to every page that is open."""
    await tab.open_chat("ilse")
    other = await open_tab(shared.url)
    await other.open_chat("ilse")
    await tab.say("ilse", "count")

    await expect(other.chat("ilse").locator(".bubble")).to_have_text(["count", "That was 1."])


async def test_a_chat_in_the_background_counts_what_is_unread(tab: Tab, shared: Dev, open_tab: Open) -> None:
    """And loses the count when it is opened."""
    await tab.open_chat("jens")
    await tab.open_chat("karla")
    other = await open_tab(shared.url)
    await other.open_chat("jens")
    await other.say("jens", "count")
    row = tab.page.get_by_role("navigation").get_by_role("button", name="jens").first

    await expect(row).to_contain_text("1 unread")
    await row.click()
    await expect(row).not_to_contain_text("unread")


async def test_a_restart_keeps_the_chat(own: Dev, open_tab: Open) -> None:
    """The page finds the server again by itself, and session and chat are as they were."""
    tab = await open_tab(own.url)
    tab.expected = ("Failed to load resource",)  # from the server that is away
    await tab.open_chat("lena")
    await tab.say("lena", "count")
    await own.stop()
    await expect(tab.page.get_by_text("The server does not answer")).to_be_visible()
    await own.start()
    await expect(tab.page.get_by_text("The server does not answer")).to_be_hidden()
    await tab.say("lena", "count")
    fresh = await open_tab(own.url)
    await fresh.open_chat("lena")

    assert await tab.shown("lena") == ["count", "That was 1.", "count", "That was 2."]
    assert await fresh.shown("lena") == await tab.shown("lena")


async def test_the_weather_is_changed_with_a_button(tab: Tab) -> None:
    """A message that comes twice has one effect, and a reply that is refused is sent again."""
    chat = await tab.open_chat("mats")
    await tab.page.get_by_role("button", name="Weather").click()
    for mood in ("Arrives twice", "429 too many"):
        await tab.page.get_by_role("button", name=mood).click()
    await expect(tab.page.locator("#weather-value")).to_have_text("2 to come")
    await tab.page.keyboard.press("Escape")
    assert await tab.say("mats", "count") == "That was 1."

    await expect(chat.locator(".mine .meta")).to_contain_text("came 2 times")
    await expect(chat.get_by_text("A reply was answered 429")).to_be_visible()
    await expect(tab.page.locator("#weather-value")).to_have_text("fair")
    assert await tab.shown("mats") == ["count", "That was 1."]


@pytest.mark.parametrize(
    ("mood", "told"),
    [
        ("500 error", "A reply was answered 500"),
        ("Time-out", "A reply went unanswered: time-out"),
        ("Connection breaks", "A reply went unanswered: connection broken"),
    ],
)
async def test_bad_weather_is_told_in_the_chat(own: Dev, open_tab: Open, mood: str, told: str) -> None:
    """What became of a reply on its way stands where the reply would; its page rests then, and nobody else's."""
    tab = await open_tab(own.url)
    chat = await tab.open_chat("nils")
    await tab.page.get_by_role("button", name="Weather").click()
    await tab.page.get_by_role("button", name=mood, exact=True).click()
    await tab.page.keyboard.press("Escape")
    await chat.get_by_role("textbox").fill("count")
    await chat.get_by_role("textbox").press("Enter")

    await expect(chat.get_by_text(told)).to_be_visible()


async def test_a_message_that_is_late(tab: Tab) -> None:
    """It is on its way for as long as the weather holds it, and then answered."""
    chat = await tab.open_chat("nils")
    await tab.page.get_by_role("button", name="Weather").click()
    await tab.page.get_by_role("button", name="3 s late", exact=True).click()
    await tab.page.keyboard.press("Escape")
    await chat.get_by_role("textbox").fill("count")
    await chat.get_by_role("textbox").press("Enter")
    await expect(chat.locator(".mine .meta")).to_contain_text("on its way")

    await expect(chat.locator(".theirs .bubble")).to_have_text(["That was 1."])


async def test_two_pages_side_by_side(tab: Tab) -> None:
    """One user writes to two pages, and each has a bot of its own."""
    await tab.open_chat("otto")
    await tab.say("otto", "count")
    await tab.page.get_by_role("button", name="New chat").click()
    await tab.page.get_by_label("Who writes").fill("otto")
    await tab.page.get_by_label("To which page").select_option("<b>2080</b>")
    await tab.page.get_by_label("Beside the open chats").check()
    await tab.page.get_by_role("button", name="Open chat").click()
    other = tab.page.get_by_role("region", name="Chat of otto with <img")
    await other.get_by_role("textbox").fill("say hello")
    await other.get_by_role("textbox").press("Enter")

    await expect(other.locator(".bubble")).to_have_text(["say hello", "hello"])
    await expect(tab.page.get_by_role("region", name="Chat of otto with shop").locator(".bubble")).to_have_count(2)


async def test_a_message_that_is_overtaken(tab: Tab) -> None:
    """It is shown where it was said, and the bot gets it after the next one."""
    chat = await tab.open_chat("nora")
    await tab.set_weather("After the next one")
    await chat.get_by_role("textbox").fill("track 1")
    await chat.get_by_role("textbox").press("Enter")
    await expect(chat.locator(".mine .meta")).to_contain_text("on its way")
    await tab.say("nora", "track 2")

    await expect(chat.locator(".bubble")).to_have_text(
        ["track 1", "track 2", "Order 2 is on its way.", "Order 1 is on its way."]
    )


async def test_fair_weather_comes_back_with_a_button(tab: Tab) -> None:
    """What was asked for and has not come does not come any more."""
    await tab.page.get_by_role("button", name="Weather").click()
    await tab.page.get_by_role("button", name="500 error").click()
    await tab.page.get_by_role("button", name="Back to fair weather").click()

    await expect(tab.page.locator("#weather-value")).to_have_text("fair")


async def test_the_bots_live_on_christmas_eve(own: Dev, open_tab: Open) -> None:
    """The clock that bots see is moved, back too, and they go on answering."""
    tab = await open_tab(own.url, viewport={"width": 1440, "height": 900})
    await tab.open_chat("olga")
    await tab.page.get_by_role("button", name="Clock").click()
    async with tab.page.expect_response("**/simulator/clock"):
        await tab.page.get_by_role("button", name="Christmas Eve, 18:00").click()
    await tab.page.keyboard.press("Escape")
    eve = await tab.say("olga", "what day is it")
    await tab.page.get_by_role("button", name="Clock").click()
    async with tab.page.expect_response("**/simulator/clock"):
        await tab.page.get_by_role("button", name="Now", exact=True).click()
    await tab.page.keyboard.press("Escape")
    now = await tab.say("olga", "what day is it")

    assert eve == "It is 24 December, 18:00."
    assert now != eve


async def test_the_clock_slides(own: Dev, open_tab: Open) -> None:
    """The slider is a day for each step of an arrow key."""
    tab = await open_tab(own.url, viewport={"width": 1440, "height": 900})
    await tab.open_chat("paul")
    await tab.page.get_by_role("button", name="Clock").click()
    before = await tab.page.locator("#clock-shown").inner_text()
    await tab.page.get_by_label("Day").focus()
    async with tab.page.expect_response("**/simulator/clock"):
        await tab.page.keyboard.press("ArrowRight")

    assert await tab.page.locator("#clock-shown").inner_text() != before
    await expect(tab.page.locator("#clock-zone")).to_have_text("Europe/Berlin, moved")


async def test_a_chat_is_saved_as_a_test(tab: Tab) -> None:
    """A click gives the browser a transcript to keep."""
    await tab.open_chat("nora b")
    save = tab.chat("nora b").get_by_role("link", name="Save the chat of nora b as a test")
    await expect(save).to_be_hidden()
    await tab.say("nora b", "choose")
    async with tab.page.expect_download() as begun:
        await save.click()
    download = await begun.value
    text = (await download.path()).read_text("utf-8")

    assert download.suggested_filename == "nora_b.chat.txt"
    assert text.splitlines()[0] == "! bot shop"
    assert text.splitlines()[-4:] == ["> choose", "< Which day?", "  1. Today", "  2. Tomorrow"]


async def test_the_details_show_the_open_question(tab: Tab) -> None:
    """What waits for an answer, and how much was answered; and that it is over."""
    await tab.open_chat("olga")
    await tab.say("olga", "book")
    details = tab.page.get_by_label("Details of a message")
    await tab.chat("olga").locator(".mine .meta").last.click()
    await expect(details).to_contain_text("book waits at ask(name='guests'); 0 answers and results so far")
    await tab.say("olga", "4")
    await tab.chat("olga").locator(".mine .meta").last.click()

    await expect(details).to_contain_text("Over: no question is open.")


async def test_the_details_show_what_was_looked_up(tab: Tab) -> None:
    """Where, and why nothing was found."""
    await tab.open_chat("paul")
    await tab.say("paul", "parcel <b>7</b>")
    await tab.chat("paul").locator(".mine .meta").last.click()
    details = tab.page.get_by_label("Details of a message")

    await expect(details).to_contain_text("http://localhost:1/b%3E7%3C%2Fb")
    await expect(details).to_contain_text("Nothing was found: it could not be reached (ClientConnectorError).")
