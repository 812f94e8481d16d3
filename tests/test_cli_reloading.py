"""What a reload tells the log."""

from pathlib import Path

from botkit import App
from botkit.cli.reloading import reloader_of
from botkit.loading import load
from botkit.observe import Alarm, Happening
from botkit.settings import Settings
from botkit.testing.messenger import Messenger
from cafes import YAML


async def test_the_log_has_a_mistake_in_one_line(tmp_path: Path) -> None:
    """Without the caret below the line, which means nothing where it stands behind it."""
    file, seen = tmp_path / "bots.yaml", list[Happening]()
    file.write_text(YAML)
    loaded = load(file, secrets=False)
    app = App(loaded.bots, settings=Settings(store=":memory:"), channel=Messenger(), observer=seen.append)
    reloader = reloader_of(str(file), loaded, app, dev=True)
    async with app:
        file.write_text(YAML.replace("fallback", "fallbak"))
        await reloader.reload()
    (alarm,) = [one for one in seen if isinstance(one, Alarm)]

    assert alarm.text.endswith('unknown key "fallbak", did you mean "fallback"?')
