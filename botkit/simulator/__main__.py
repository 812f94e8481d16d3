"""``python -m botkit.simulator``: the simulator as a program of its own."""

import asyncio
import json
import signal
import socket
import sys
import tempfile
from pathlib import Path

import click
from attrs import frozen

from botkit.simulator import keys
from botkit.simulator.simulator import Simulator


@frozen(kw_only=True)
class _Options:
    port: int
    public_key: str | None
    application_id: str | None
    inbound: str | None
    status: str | None
    tls: bool


@click.command()
@click.option("--port", default=0, show_default="any free one", help="The port to listen on, on loopback.")
@click.option("--public-key", metavar="FILE", help="The application's public key in PEM; without it a pair is made.")
@click.option("--application-id", metavar="ID", help="The application's id; without it one is made.")
@click.option("--inbound", metavar="URL", help="Where inbound messages go.")
@click.option("--status", metavar="URL", help="Where statuses go.")
@click.option("--tls", is_flag=True, help="Serve https with a throw-away authority.")
def main(**options: object) -> None:
    r"""Stand in for the Vonage Messages API on this machine.

    Prints one line of JSON: base_url, private_key_file, application_id, api_key, signature_secret, with --tls also
    certificate_authority_file. Then it serves until it is interrupted.

    \b
    POST /v1/messages, /v0.1/messages   what a bot sends
    POST /simulator/say                 say something as a user: curl -d 'hello' URL
    POST /simulator/inbound             sign and deliver a payload
    POST /simulator/weather             misbehave: {"mood": "answer", "status": 429}
    GET  /simulator/accepted            everything that was accepted
    """
    try:
        asyncio.run(_serve(_Options(**options)))  # type: ignore[arg-type]  # click has checked them
    except (OSError, ValueError) as error:
        click.echo(f"The simulator cannot start: {error}.", err=True)
        sys.exit(1)


async def _serve(options: _Options) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    public_key = keys.read_public_key(options.public_key) if options.public_key else None
    simulator = Simulator(
        inbound_url=options.inbound,
        status_url=options.status,
        public_key=public_key,
        application_id=options.application_id,
    )
    with tempfile.TemporaryDirectory(prefix="botkit-simulator-") as name:
        folder = Path(name)
        context, authority = keys.tls_context(folder) if options.tls else (None, None)
        await simulator.serve(socket.create_server(("127.0.0.1", options.port)), tls=context)
        line = _announcement(simulator, folder)
        if authority is not None:
            line["certificate_authority_file"] = str(authority)
        click.echo(json.dumps(line))
        sys.stdout.flush()
        await stop.wait()
        await simulator.close()


def _announcement(simulator: Simulator, folder: Path) -> dict[str, str | None]:
    pem = simulator.private_key_pem
    file = None if pem is None else str(keys.private_file(folder, "private.key", pem))
    return {
        "base_url": simulator.base_url,
        "private_key_file": file,
        "application_id": simulator.application_id,
        "api_key": simulator.api_key,
        "signature_secret": simulator.signature_secret,
    }


if __name__ == "__main__":
    main()
