"""Forms: slots that are asked for until all of them are filled, and that can be changed in the end.

What is filled follows from the answers by their slots' names, in the order they were given. So a form whose slots were
added, removed or put in another order goes on where it stands.
"""

from collections.abc import Iterable, Iterator, Mapping

from attrs import evolve, field, frozen

from botkit.flows.entries import Answer, Heard
from botkit.flows.question import Question, Reading
from botkit.flows.run import Run
from botkit.language import Context, Slot, tokens
from botkit.language.braces import filled
from botkit.language.slots import SlotType, choice_type, found_in
from botkit.replies import Choice, Text, replies_from
from botkit.translated import changed, said_in

#: The names of the form's own questions; no slot can be called so.
CONFIRM, CHANGE = "?confirm", "?change"


@frozen(kw_only=True)
class Form:
    """The asked *slots* of one intent, those that are *known* from its phrase, and what to ask in the end, if anything.

    *confirm* may say ``{slot}``, also of the *others*, which only phrases fill.
    """

    intent: str
    slots: Mapping[str, Slot]
    known: Mapping[str, object]
    confirm: str | None
    reading: Reading
    others: Mapping[str, Slot] = field(factory=dict)

    async def fill(self, run: Run) -> dict[str, object]:
        """Ask for one slot after the other, and give the values of all."""
        run.take_slots()
        while (question := self.next(run.record.slot_answers())) is not None:
            await run.ask(question)
        run.leave_slots()
        return self.values(run.record.slot_answers())

    def values(self, answers: Iterable[Answer]) -> dict[str, object]:
        """What is filled by *answers*."""
        return self._state(answers)[0]

    def next(self, answers: Iterable[Answer]) -> Question | None:
        """What to ask now, None where everything is filled and confirmed."""
        values, last = self._state(answers)
        for name, slot in self.slots.items():
            if name not in values:
                return self._question(name, slot)
        if not self.confirm or last is True:
            return None
        return self._change() if last is False else self._confirmation(values)

    def _state(self, answers: Iterable[Answer]) -> tuple[dict[str, object], bool | None]:
        """The values so far, and whether they were confirmed: None where nothing was said since they last changed."""
        values, confirmed = dict(self.known), None
        for answer in answers:
            if answer.name == CONFIRM:
                confirmed = bool(answer.value)
                continue
            confirmed = None
            if answer.name == CHANGE:
                values.pop(str(answer.value), None)
            elif answer.name in self.slots and self.slots[answer.name].type == answer.kind:
                values[answer.name] = answer.value
        return values, confirmed

    def _question(self, name: str, slot: Slot) -> Question:
        prompt = replies_from(slot.ask)
        choices = tuple(map(Choice, slot.choices))
        if choices and isinstance(prompt[-1], Text):
            prompt = (*prompt[:-1], evolve(prompt[-1], choices=choices))
        return Question(
            prompt=prompt, kind=slot.type, choices=choices, retry_text=slot.retry_text, name=name, is_slot=True
        )

    def _confirmation(self, values: Mapping[str, object]) -> Question:
        def said(text: str, language: str) -> str:
            return filled(text, {name: self._called(name, value, language) for name, value in values.items()})

        return Question(prompt=(Text(changed(self.confirm or "", said)),), kind=bool, name=CONFIRM, is_slot=True)

    def _called(self, name: str, value: object, language: str) -> object:
        """What a slot's *value* is called in *language*; that of no choice and of no list is said as it is."""
        slot = self.slots.get(name) or self.others.get(name)
        if slot is None:
            return value
        if slot.choices:
            return slot.called(value, language)
        slot_type = self.reading.types.get(slot.type)
        title = None if slot_type is None else slot_type.titles.get(str(value))
        return value if title is None else said_in(title, (language,))

    def _change(self) -> Question:
        choices = tuple(Choice(name.replace("_", " "), name) for name in self.slots)
        prompt = Text(self.reading.vocabulary.text("which"), choices=choices)
        return Question(prompt=(prompt,), kind="choice", choices=choices, name=CHANGE, is_slot=True)

    # Several slots in one message

    def found(self, heard: Heard, asked: str, answers: Iterable[Answer]) -> dict[str, object]:
        """What a sentence says of the slots: of those that are open, and after a wrong summary of all of them."""
        if heard.kind != "text":
            return {}
        values = {} if asked in (CONFIRM, CHANGE) else self.values(answers)
        wanted = [name for name in self.slots if name not in values]
        # The figures of a date are no numbers: those are looked for last.
        wanted.sort(key=lambda name: (self.slots[name].type in ("int", "decimal"), name != asked))
        return dict(self._spotted(heard, wanted))

    def _spotted(self, heard: Heard, names: Iterable[str]) -> Iterator[tuple[str, object]]:
        said, context = tokens(heard.text), Context(heard.at, self.reading.timezone, (self.reading.language,))
        taken: set[int] = set()
        for name in names:
            slot_type = self._type(self.slots[name])
            for start, end, value in () if slot_type is None else found_in(said, slot_type, context):
                if taken.isdisjoint(range(start, end)):
                    taken.update(range(start, end))
                    yield name, value
                    break

    def _type(self, slot: Slot) -> SlotType | None:
        """What finds a slot's value in a sentence, None where any words would do."""
        if slot.type in ("text", "word"):
            return None
        if slot.type == "choice":
            return choice_type(slot.choices)
        return self.reading.types[slot.type]
