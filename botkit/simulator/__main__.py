"""``python -m botkit.simulator``: the simulator as a program of its own."""

import asyncio
import json
import os
import signal
import socket
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import click
from attrs import frozen

from botkit.simulator import keys
from botkit.simulator.record import Record
from botkit.simulator.simulator import HOST, Simulator
from botkit.simulator.window import Page, Window


@frozen(kw_only=True)
class _Options:
    port: int
    public_key: str | None
    application_id: str | None
    inbound: str | None
    status: str | None
    tls: bool


def _url(context: click.Context, parameter: click.Parameter, said: str | None) -> str | None:
    try:
        url = urlsplit(said or "")
        is_url = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        is_url = False
    if said is not None and not is_url:
        raise click.BadParameter("this is no URL, such as http://127.0.0.1:9000/webhooks/inbound-message.")
    return said


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    metavar="N",
    show_default="any free one",
    help="The port to listen on, on loopback.",
)
@click.option("--public-key", metavar="FILE", help="The application's public key in PEM; without it a pair is made.")
@click.option("--application-id", metavar="ID", help="The application's id; without it one is made.")
@click.option("--inbound", metavar="URL", callback=_url, help="Where inbound messages go.")
@click.option("--status", metavar="URL", callback=_url, help="Where statuses go; without it none are sent.")
@click.option("--tls", is_flag=True, help="Serve https with a throw-away authority.")
def main(**options: object) -> None:
    """Stand in for the Vonage Messages API on this machine, until it is interrupted.

    It first prints one line of JSON: base_url, private_key_file, application_id, api_key, api_secret and
    signature_secret, and with --tls certificate_authority_file. private_key_file is null with --public-key; the files
    are gone when it ends.

    \b
    POST /v1/messages, /v0.1/messages   what a bot sends
    POST /simulator/say                 say something as a user, and print the answer:
                                        curl -d 'hello' URL, or {"text": …, "page": …, "user": …}
    POST /simulator/inbound             sign the body as it is and deliver it; ?signing=wrong_secret&copies=2
    POST /simulator/weather             misbehave: {"mood": "answer", "status": 429, "times": 3}
    GET  /simulator/accepted            what was accepted
    GET  /simulator/posted              how each webhook was answered
    GET  /simulator/                    a page to chat in, for a browser

    \b
    Point a bot at it:
        python -m botkit.simulator --port 9010 --inbound http://127.0.0.1:9000/webhooks/inbound-message
    with base_url http://127.0.0.1:9010 and the printed credentials under vonage: in bots.yaml.
    """  # noqa: D301 - click wants the character itself, below which it leaves the lines alone
    try:
        asyncio.run(_serve(_Options(**options)))  # type: ignore[arg-type]  # click has checked them
    except ValueError as error:
        raise click.ClickException(str(error)) from error


async def _serve(options: _Options) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    simulator = Simulator(
        inbound_url=options.inbound,
        status_url=options.status,
        public_key=keys.read_public_key(options.public_key) if options.public_key else None,
        application_id=options.application_id,
        tls=options.tls,
        record=(record := Record()),
    )
    window = Window(simulator, record, pages=(Page(simulator.page, "bot"),))
    listener = _bind(options.port)
    with tempfile.TemporaryDirectory(prefix="botkit-simulator-") as folder:
        try:
            await simulator.serve(listener, window.routes())
            click.echo(json.dumps(_announcement(simulator, Path(folder))))
            await stop.wait()
        finally:
            await simulator.close()


def _bind(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        # Python puts the address into the error's own words.
        reason = os.strerror(error.errno or 0)
        raise ValueError(f"Cannot listen on {HOST} port {port}: {reason}. Name another --port.") from error


def _announcement(simulator: Simulator, folder: Path) -> dict[str, str | None]:
    pem = simulator.private_key_pem
    line = {
        "base_url": simulator.base_url,
        "private_key_file": None if pem is None else str(keys.private_file(folder, "private.key", pem)),
        "application_id": simulator.application_id,
        "api_key": simulator.api_key,
        "api_secret": simulator.api_secret,
        "signature_secret": simulator.signature_secret,
    }
    if simulator.certificate_authority_file is not None:
        line["certificate_authority_file"] = str(simulator.certificate_authority_file)
    return line


if __name__ == "__main__":
    main(prog_name="python -m botkit.simulator")
