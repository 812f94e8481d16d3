"""Asking: what is said around a question, and the entry that its answer becomes."""

from collections.abc import Mapping

from botkit.flows.form import Form
from botkit.flows.journal import Answer, Flow, Heard, How, answer
from botkit.flows.question import Question, Understood
from botkit.language.vocabulary import Vocabulary
from botkit.replies import Reply, Text
from botkit.session import Session, difference


def prompt_of(question: Question, flow: Flow, vocabulary: Vocabulary) -> tuple[Reply, ...]:
    """The question's prompt, with the answer of a run that was begun anew on offer."""
    before = flow.before.get(question.name) if question.name else None
    if before is None or question.kind is bool:
        return question.prompt
    told = vocabulary.text("same").replace("{answer}", before)
    return (*question.prompt[:-1], Text(told), question.prompt[-1])


def retry_of(question: Question, flow: Flow, vocabulary: Vocabulary, text: str) -> tuple[Reply, ...]:
    """What is said to an answer that was none: *text*, the question's own, or botkit's and the prompt."""
    told = text or question.retry_text
    if told:
        return (Text(told, choices=question.choices),)
    return (Text(vocabulary.text("retry")), *prompt_of(question, flow, vocabulary))


def answer_to(
    question: Question, flow: Flow, heard: Heard, *, how: How = "said", understood: Understood | None = None
) -> Answer:
    """The entry for what was *heard* while *question* was open in *flow*, as it was *understood*."""
    assert flow.question is not None
    name, sends = question.name, flow.question.sends
    if understood is None:
        return answer(name, sends, heard, how=how)
    choice, value = understood.choice, understood.value
    if not (question.is_slot or question.is_typed):
        return answer(name, sends, heard, how=how, choice=choice)
    kind, is_slot = question.type_name, question.is_slot
    return answer(name, sends, heard, how=how, choice=choice, kind=kind, value=value, is_slot=is_slot)


def answers_to_slots(heard: Heard, form: Form, values: Mapping[str, object]) -> list[Answer]:
    """The entries for the slots of *form* that were filled with *values*, whichever of them was asked for."""
    return [
        answer(name, 0, heard, kind=form.slots[name].type, value=value, is_slot=True) for name, value in values.items()
    ]


def with_changes(entry: Answer, before: Session, after: Session) -> Answer:
    """The same entry, with what other turns made of the session."""
    return entry.with_change(*difference(before.snapshot(), after.snapshot()))
