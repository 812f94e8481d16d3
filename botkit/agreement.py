"""Whether an intent's phrases, its slots and its handler agree."""

from collections.abc import Collection, Iterator

from botkit.errors import DefinitionError
from botkit.handlers import Handler
from botkit.language.braces import pieces_of
from botkit.language.templates import slot_type_of
from botkit.router import Intent, Read, Router
from botkit.translated import spellings


def check_filled(read: Read, handler: Handler) -> None:
    """Refuse what no resource can mend: a slot that *handler* requires and only some phrases fill.

    Raises DefinitionError, naming the handler, the slot and the phrase.
    """
    for name in sorted((handler.required & read.named) - read.filled):
        lacking = next((one for one in read.ways if name not in one.named), None)
        phrase = lacking or next(one for one in read.ways if name not in one.filled)
        raise DefinitionError(
            f'The {handler} needs the slot {name!r}, which the phrase "{phrase.text}" does not always fill; '
            f"give the parameter a default, or the phrase the slot."
        )


def disagreements(intent: Intent, handler: Handler, router: Router, resources: Collection[str]) -> Iterator[str]:
    """What is wrong once everything is registered: parameters that nothing fills, and slots that no phrase has."""
    for name in sorted(handler.required - router.filled(intent) - {*resources}):
        yield (
            f"The {handler} takes {name!r}, which is neither a slot that each of its phrases fills nor a resource; "
            f"give it a default."
        )
    where = f" at {intent.place}" if intent.place else ""
    for name in sorted(intent.slots.keys() - intent.asked.keys() - router.named(intent)):
        yield (
            f"The intent {intent.name!r}{where} has a slot {name!r} in slots=, which no phrase of it has; "
            f"put {{{name}}} into a phrase, or take it out of slots=."
        )
    for name, slot in intent.slots.items():
        try:
            slot_type_of(slot, router.types)
        except DefinitionError as error:
            yield f"The intent {intent.name!r}{where}: in slots=, {name}: {error}"
    if intent.confirm is not None:
        yield from _unconfirmed(intent, intent.confirm, router, where)


def _unconfirmed(intent: Intent, confirm: str, router: Router, where: str) -> Iterator[str]:
    """What is wrong with what is asked in the end."""
    if not intent.asked:
        yield f"The intent {intent.name!r}{where} has confirm=, and nothing to confirm: no slot of it has an ask=."
    try:
        names = [name for said in spellings(confirm) for name in pieces_of(said)[1::2]]
    except DefinitionError as error:
        yield f"In confirm= of the intent {intent.name!r}{where} {error}."
        return
    for name in sorted(set(names) - router.named(intent) - intent.asked.keys()):
        yield (
            f"The intent {intent.name!r}{where} says {{{name}}} in confirm=, which is no slot of it; "
            f"a brace itself is written \\{{."
        )
