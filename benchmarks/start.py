"""How soon `botkit run` answers its first webhook, against importing aiohttp's server alone."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.processes import API_KEY, PAGE, SECRET, free_port, webhook
from benchmarks.table import Figure, show
from botkit.simulator import keys

ROUNDS = 15
# pip compiles what it installs. A checkout is compiled by the first process that may keep what it compiled, as nearly
# every process may: here it is the round that is not counted.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _imported() -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import aiohttp.web"], env=ENVIRONMENT, check=True)
    return time.perf_counter() - started


def _configuration(folder: Path) -> Path:
    key_file = keys.private_file(folder, "private.key", keys.private_pem(keys.new_private_key()))
    vonage = {
        "application_id": "measured",
        "private_key": str(key_file),
        "api_key": API_KEY,
        "signature_secret": SECRET,
        "base_url": "http://127.0.0.1:9",
    }
    hello = {"phrases": ["hello {name}"], "reply": "Hello {name}!"}
    bots = {"measured": {"pages": [PAGE], "intents": {"hello": hello}}}
    path = folder / "bots.yaml"
    path.write_text(json.dumps({"version": "1", "vonage": vonage, "bots": bots}))
    return path


def _answered(config: Path) -> float:
    port = free_port()
    request = webhook(0, 1)
    started = time.perf_counter()
    command = [sys.executable, "-m", "botkit", "run", str(config), "--port", str(port), "--log-level", "ERROR"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT) as child:
        try:
            while True:
                try:
                    with socket.create_connection(("127.0.0.1", port)) as connection:
                        connection.sendall(request)
                        if b" 200 " in connection.recv(100):
                            return time.perf_counter() - started
                except OSError:
                    time.sleep(0.002)
        finally:
            child.kill()


def main() -> None:
    """Print the ratio."""
    with tempfile.TemporaryDirectory() as name:
        config = _configuration(Path(name))
        _answered(config)
        ratios = [_answered(config) / _imported() for _ in range(ROUNDS)]
    figure = Figure(name="first webhook answered / python -c 'import aiohttp.web'", ratios=ratios, most=2.5)
    show("start", [figure])


if __name__ == "__main__":
    main()
