"""Asking: what is said around a question, and the entry that its answer becomes."""

from collections.abc import Mapping
from functools import partial

from botkit.flows.entries import Answer, Heard, How, answer
from botkit.flows.form import Form
from botkit.flows.journal import Flow
from botkit.flows.question import Question, Understood
from botkit.language.vocabulary import Vocabulary
from botkit.replies import Reply, Text
from botkit.session import Session, difference


def prompt_of(question: Question, flow: Flow, vocabulary: Vocabulary) -> tuple[Reply, ...]:
    """The question's prompt, with the answer of a run that was begun anew on offer."""
    before = flow.begun.before.get(question.name) if question.name else None
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
    name, sends, begun = question.name, flow.question.sends, flow.at
    if understood is None:
        return answer(name, sends, heard, begun=begun)._replace(how=how)
    value, choice = understood
    if not (question.is_slot or question.is_typed):
        return answer(name, sends, heard, begun=begun, choice=choice)
    kind, is_slot = question.type_name, question.is_slot
    return answer(name, sends, heard, begun=begun, choice=choice, kind=kind, value=value, is_slot=is_slot)


def answers_to_slots(heard: Heard, form: Form, values: Mapping[str, object], flow: Flow) -> list[Answer]:
    """The entries for the slots of *form* in *flow* that were filled with *values*, whichever was asked for."""
    entry = partial(answer, sends=0, heard=heard, begun=flow.at, is_slot=True)
    return [entry(name, kind=form.slots[name].type, value=value) for name, value in values.items()]


def with_changes(entry: Answer, before: Session, after: Session) -> Answer:
    """The same entry, with what other turns made of the session."""
    return entry.with_change(*difference(before.snapshot(), after.snapshot()))
