"""``python -m botkit.simulator``, as a process of its own."""

import asyncio
import json
import signal
import socket
import ssl
import stat
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from attrs import frozen
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from botkit import AccountBlocked, Client
from botkit.simulator import keys
from botkit.simulator.__main__ import main

pytestmark = pytest.mark.acceptance

COMMAND = [sys.executable, "-m", "botkit.simulator"]


@frozen
class Started:
    """A simulator that runs, and the line it printed."""

    process: Process
    line: dict[str, Any]

    async def end(self, number: signal.Signals) -> tuple[int | None, bytes, bytes]:
        """Send it a signal; returns its exit code and what it wrote since."""
        self.process.send_signal(number)
        out, err = await self.process.communicate()
        return self.process.returncode, out, err


@asynccontextmanager
async def started(*options: str) -> AsyncIterator[Started]:
    """Start it and read its line."""
    process = await asyncio.create_subprocess_exec(*COMMAND, *options, stdout=PIPE, stderr=PIPE)
    assert process.stdout is not None
    try:
        line = await process.stdout.readline()
        assert line, await process.communicate()
        yield Started(process, json.loads(line))
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


def client(line: dict[str, Any], **changes: Any) -> Client:
    """A client of botkit, with the credentials of the line."""
    given = {"application_id": line["application_id"], "private_key": line["private_key_file"], **changes}
    return Client(base_url=line["base_url"], **given)


async def accepted(line: dict[str, Any], context: ssl.SSLContext | None = None) -> list[dict[str, Any]]:
    """What it has accepted."""
    async with aiohttp.ClientSession() as session:
        url = f"{line['base_url']}/simulator/accepted"
        async with session.get(url, ssl=context or True) as answer:
            found: list[dict[str, Any]] = await answer.json()
            return found


async def test_its_line_is_all_that_a_bot_needs() -> None:
    """With what it prints a client sends, signs and is taken."""
    async with started() as simulator:
        async with client(simulator.line) as sender:
            identity = await sender.send("9107", "61", "hi")
        (found,) = await accepted(simulator.line)

    assert list(simulator.line) == [
        "base_url",
        "private_key_file",
        "application_id",
        "api_key",
        "api_secret",
        "signature_secret",
    ]
    assert (found["message_uuid"], found["text"], found["authorised_by"]) == (identity, "hi", "jwt")


async def test_the_key_is_its_owners_alone_and_goes_with_it() -> None:
    """Nobody else reads the key while it runs, and nobody at all when it has ended."""
    async with started() as simulator:
        file = Path(simulator.line["private_key_file"])
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)]
        await simulator.end(signal.SIGTERM)

    assert (modes, file.parent.exists()) == ([0o600, 0o700], False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_in_order(number: signal.Signals) -> None:
    """Ctrl-C is no error, and it has nothing more to say."""
    async with started() as simulator:
        assert await simulator.end(number) == (0, b"", b"")


async def test_a_given_key_and_application_decide(tmp_path: Path) -> None:
    """Who names his public key signs with his own private key, which is never asked for."""
    private = keys.new_private_key()
    file = tmp_path / "public.key"
    file.write_bytes(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    async with started("--public-key", str(file), "--application-id", "ours") as simulator:
        async with client(simulator.line, private_key=keys.private_pem(private)) as ours:
            await ours.send("9107", "61", "hi")
        async with client(simulator.line, private_key=keys.private_pem(keys.new_private_key())) as other:
            with pytest.raises(AccountBlocked):
                await other.send("9107", "61", "hi")

    assert (simulator.line["private_key_file"], simulator.line["application_id"]) == (None, "ours")


async def test_webhooks_go_where_the_options_say(aiohttp_server: Any) -> None:
    """Inbound messages and statuses have a URL each."""
    heard: list[str] = []
    both = asyncio.Event()

    async def hear(request: web.Request) -> web.Response:
        heard.append(request.path)
        if {"/inbound", "/status"} <= set(heard):
            both.set()
        return web.Response()

    application = web.Application()
    application.add_routes([web.post("/inbound", hear), web.post("/status", hear)])
    server = await aiohttp_server(application)
    urls = [str(server.make_url(path)) for path in ("/inbound", "/status")]
    async with started("--inbound", urls[0], "--status", urls[1]) as simulator:
        async with aiohttp.ClientSession() as session:
            await session.post(f"{simulator.line['base_url']}/simulator/inbound", data=b"{}")
        async with client(simulator.line) as sender:
            await sender.send("9107", "61", "hi")
        async with asyncio.timeout(10):
            await both.wait()

    assert heard[0] == "/inbound"


async def test_with_tls_its_authority_is_named() -> None:
    """Whoever trusts the named file can talk to it, and nobody else."""
    async with started("--tls") as simulator:
        file = Path(simulator.line["certificate_authority_file"])
        found = await accepted(simulator.line, ssl.create_default_context(cafile=str(file)))
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await accepted(simulator.line)
        await simulator.end(signal.SIGTERM)

    assert (simulator.line["base_url"].partition(":")[0], found, file.exists()) == ("https", [], False)


async def test_the_port_is_the_one_asked_for() -> None:
    """A bot's settings may name it beforehand."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with started("--port", str(port)) as simulator:
        assert simulator.line["base_url"] == f"http://127.0.0.1:{port}"


async def test_a_taken_port_is_a_sentence() -> None:
    """No traceback: what happened and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = await asyncio.create_subprocess_exec(*COMMAND, "--port", str(port), stdout=PIPE, stderr=PIPE)
        out, err = await process.communicate()

    assert (process.returncode, out) == (1, b"")
    assert (
        err.decode() == f"Error: Cannot listen on 127.0.0.1 port {port}: Address already in use. Name another --port.\n"
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file or directory."),
        ("rubbish", "holds no public key in PEM; it begins with -----BEGIN PUBLIC KEY-----."),
    ],
)
async def test_a_key_that_is_none_is_a_sentence(tmp_path: Path, content: str | None, words: str) -> None:
    """The file is named, and what is wrong with it."""
    file = tmp_path / "public.key"
    if content is not None:
        file.write_text(content)
    process = await asyncio.create_subprocess_exec(*COMMAND, "--public-key", str(file), stdout=PIPE, stderr=PIPE)
    out, err = await process.communicate()

    assert (process.returncode, out, err.decode()) == (1, b"", f"Error: {file} {words}\n")


def test_its_help_names_every_way_in() -> None:
    """Whoever asks for help learns how to talk to it."""
    shown = CliRunner().invoke(main, ["--help"])

    assert shown.exit_code == 0
    assert [
        word
        for word in ("say", "inbound", "weather", "accepted", "posted", "--tls", "base_url", "signature_secret")
        if word not in shown.output
    ] == []


@pytest.mark.parametrize(
    "options",
    [
        ["--port", "65536"], ["--port", "x"], ["--speed", "1"], ["more"],
        ["--inbound", "notaurl"], ["--status", "http://"], ["--inbound", "ftp://127.0.0.1/"],
    ],
)  # fmt: skip
def test_wrong_usage_is_told_apart(options: list[str]) -> None:
    """What was typed wrongly is told with exit code 2."""
    assert CliRunner().invoke(main, options).exit_code == 2


async def test_it_serves_the_page_without_what_only_a_bot_knows() -> None:
    """A chat for a browser, with the weather, and neither details nor a clock to move."""
    async with started() as simulator:
        url = f"{simulator.line['base_url']}/simulator/"
        async with aiohttp.ClientSession() as session, session.get(url) as page:
            text = await page.text()
        async with aiohttp.ClientSession() as session, session.get(f"{url}events") as stream:
            lines = [line async for line in _until(stream.content, b"event: ready")]
        ended = await simulator.end(signal.SIGTERM)
    state = json.loads(lines[lines.index(b"event: state") + 1].removeprefix(b"data: "))

    assert "<title>botkit simulator</title>" in text
    assert (state["has_panel"], state["offset_seconds"], len(state["pages"])) == (False, None, 1)
    assert ended == (0, b"", b"")


async def _until(stream: aiohttp.StreamReader, last: bytes) -> AsyncIterator[bytes]:
    """The lines of *stream* up to *last*."""
    async for line in stream:
        yield line.strip()
        if line.strip() == last:
            return
