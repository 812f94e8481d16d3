"""Runs the tests of transcripts, each with a store and a process of its own."""

from collections.abc import Callable, Iterable, Mapping

from attrs import field, frozen

from botkit.bot import Bot
from botkit.errors import BotkitError, ConfigError, DefinitionError
from botkit.loading import import_name
from botkit.testing.bench import Bench, check_resource
from botkit.testing.modules import Modules
from botkit.testing.transcripts.finding import modules_for
from botkit.testing.transcripts.player import Played, play
from botkit.testing.transcripts.steps import Transcript


@frozen(kw_only=True)
class Tried:
    """A transcript whose tests were *played*, or why they could not be (*broken*)."""

    transcript: Transcript = field(repr=False)
    # What all was said is long, and asyncio looks at the result of a run as text.
    played: tuple[Played, ...] = field(default=(), repr=False)
    broken: str | None = None

    @property
    def passed(self) -> bool:
        """Whether every test passed."""
        return self.broken is None and all(one.passed for one in self.played)


async def run_transcripts(
    transcripts: Iterable[Transcript],
    *,
    config: str | None = None,
    on_tried: Callable[[Tried], None] = lambda tried: None,
) -> list[Tried]:
    """Run *transcripts*, with the bots of *config* where it is given; *on_tried* is told of each as it ends."""
    tried: list[Tried] = []
    for transcript in transcripts:
        tried.append(await _try(transcript, config))
        on_tried(tried[-1])
    return tried


async def _try(transcript: Transcript, config: str | None) -> Tried:
    if transcript.mistakes:
        return Tried(transcript=transcript, broken="\n".join(transcript.mistakes))
    try:
        modules = modules_for(transcript, config)
        try:
            played = [await _play(transcript, number, modules) for number in range(len(transcript.tests))]
        finally:
            modules.forget()
    except BotkitError as error:
        return Tried(transcript=transcript, broken=str(error))
    return Tried(transcript=transcript, played=tuple(played))


async def _play(transcript: Transcript, number: int, modules: Modules) -> Played:
    # The bots come first: fakes may be imported from beside them.
    bots = modules.configuration().bots
    async with Bench(modules, resources=_resources(transcript, bots)) as bench:
        return await play(transcript.tests[number], bench, page=_page(transcript, bench))


def _page(transcript: Transcript, bench: Bench) -> str:
    try:
        return bench.page_of(transcript.bot)
    except DefinitionError as error:
        hint = "" if transcript.bot else " Write ! bot and its name above the first test."
        raise ConfigError(f"{transcript.place('bot')}: {error}{hint}") from error


def _resources(transcript: Transcript, bots: Iterable[Bot]) -> Mapping[str, object]:
    found: dict[str, object] = {}
    for name, value in transcript.resources.items():
        try:
            check_resource(name, bots)
            found[name] = import_name(value)
        except BotkitError as error:
            raise ConfigError(f"{transcript.place(f'resource {name}')}: ! resource: {error}") from error
    return found
