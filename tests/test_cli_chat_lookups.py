"""`botkit chat` looks up what the bot asks for, says why nothing was found, and writes down what was."""

import asyncio
import logging
import sys
from pathlib import Path

from botkit.cli.aside import Aside
from botkit.cli.talk import Talk
from botkit.testing import Bench
from botkit.testing.clock import ShiftedClock
from botkit.testing.transcripts import failures, find_transcripts, read_transcripts, run_transcripts
from order_desk import an_order_desk

BOTS = """
version: 1
lookups: {hosts: ["HOST"]}
bots:
  shop:
    intents:
      order:
        phrases: ["order {order:word}"]
        lookup: {url: "URL/orders/{order}", otherwise: No such order.}
        reply: ["It is {lookup.status}.", "It has {lookup.items.0.name} in it."]
    fallback: What?
"""


async def test_a_chat_with_lookups_is_saved_as_a_test_that_passes(tmp_path: Path) -> None:
    """Without the service, and with what it answered then."""
    seen: list[tuple[str, str]] = []
    async with an_order_desk() as desk:
        (tmp_path / "bots.yaml").write_text(BOTS.replace("HOST", desk.host).replace("URL", desk.url))
        async with Bench(tmp_path / "bots.yaml", clock=ShiftedClock(), live=True) as bench:
            talk = Talk(bench, "1", lambda text, voice: seen.append((voice, text)), head=lambda file: "")
            for line in ("hello", "order 7", "order 8", "/as ann", "order silly", f"/save {tmp_path / 'orders'}"):
                await talk.hear(line)
    text = (tmp_path / "orders.chat.txt").read_text()
    (tried,) = await run_transcripts(read_transcripts(find_transcripts([tmp_path])))

    assert [line.text for line in failures(tried)] == []
    assert f"! lookup {desk.url}/orders/8 = 404\n> order 8\n< No such order.\n" in text
    assert ("note", f"  (nothing was found at {desk.url}/orders/8: it answered 404)") in seen
    assert "It has rye in it." in text


async def test_a_terminal_shows_sentences_and_no_names_of_logs(tmp_path: Path) -> None:
    """What nobody finds is told once, with its URL and why."""
    async with an_order_desk() as desk:
        (tmp_path / "bots.yaml").write_text(BOTS.replace("HOST", desk.host).replace("URL", desk.url))
        command = [sys.executable, "-m", "botkit", "chat"]
        pipe = asyncio.subprocess.PIPE
        chat = await asyncio.create_subprocess_exec(*command, cwd=tmp_path, stdin=pipe, stdout=pipe, stderr=pipe)
        output, errors = await chat.communicate(b"order broken\n")

    assert output.decode().splitlines() == [
        f"  (nothing was found at {desk.url}/orders/broken: it answered 500)",
        "No such order.",
    ]
    assert errors == b""


def test_a_fault_of_botkits_own_is_a_sentence() -> None:
    """With what to do about it; what nobody has put into words yet is told with its fields."""
    shown: list[str] = []
    aside = Aside(shown.append)
    for name, fields in (
        ("botkit.worker.fault", {"error": "KeyError", "lines": "botkit/turn.py:7"}),
        ("botkit.lookup.missed", {"host": "example.com", "why": "it answered 500"}),
        ("botkit.app.drain_timeout", {}),
        ("botkit.simulator.record_not_kept", {"why": "No space left on device"}),
    ):
        record = logging.makeLogRecord({"msg": name, "levelno": logging.WARNING, "fields": fields})
        aside.handle(record)

    assert shown == [
        "botkit itself failed with KeyError at botkit/turn.py:7; please report it.",
        "Something was still running at the end, and was given up.",
        "simulator.record_not_kept (why: No space left on device)",
    ]
