"""What a request's body must be, in v1 and in v0.1.

Written against the documentation and apart from botkit's own client, so that one cannot hide a mistake of the other.
It is as strict as the documentation: a parameter that is not documented for Messenger is refused, although the API
itself may overlook it. ``failover`` is documented and refused too: it is not simulated.

Source: https://developer.vonage.com/en/api/messages (v1.20), and the definition of v0.1 (0.4.0)
"""

import json
from collections.abc import Collection, Mapping
from typing import Final, NoReturn
from urllib.parse import urlsplit

from botkit.simulator.accepted import API, MEDIA
from botkit.simulator.problems import Invalid, problem

_CATEGORIES: Final = ("response", "update", "message_tag")
_REQUIRED: Final = ("message_type", "to", "from", "channel")
_OPTIONAL: Final = ("messenger", "client_ref", "webhook_url", "webhook_version")
_V01: Final = ("to", "from", "message", "client_ref")

Body = Mapping[str, object]


def read(raw: bytes, api: API) -> Body:
    """The body as a JSON object; raises Problem for anything else."""
    try:
        found = json.loads(raw.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise problem("json") if api == "v1" else problem("v0.1", ("body", "must be a JSON object."))
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def check(body: Body, api: API, *, custom_on_v1: bool) -> None:
    """Refuse what the documentation says is refused; raises Problem."""
    if api == "v0.1":
        _check_v01(body)
    else:
        _check_v1(body, ("text", *MEDIA, "custom") if custom_on_v1 else ("text", *MEDIA))


def _check_v1(body: Body, kinds: Collection[str]) -> None:
    _raise("params", [(name, "is required.") for name in _REQUIRED if name not in body])
    if body["channel"] != "messenger":
        raise problem("channel")
    kind = body["message_type"]
    if not isinstance(kind, str) or kind not in kinds:
        raise problem("message_type", ("message_type", f"must be one of {', '.join(kinds)}."))
    for name, fault in (("to", "recipient"), ("from", "sender")):
        if not _is_id(body[name]):
            raise problem(fault)
    if not _is_text(body.get("client_ref", ""), 0, 100):
        raise problem("client_ref")
    _raise("channel_params", _category(body.get("messenger")))
    _raise("params", [*_content(kind, body), *_tag(body.get("messenger")), *_webhook(body), *_unknown(body, kind)])


def _raise(name: str, invalid: list[Invalid]) -> None:
    if invalid:
        raise problem(name, *invalid)


def _is_id(value: object) -> bool:
    return _is_text(value, 1, 50)


def _is_text(value: object, least: int, most: int) -> bool:
    return isinstance(value, str) and least <= len(value) <= most


def _content(kind: str, body: Body) -> list[Invalid]:
    value = body.get(kind)
    if kind == "text":
        return [] if _is_text(value, 1, 640) else [("text", "must be a string of 1 to 640 characters.")]
    if kind == "custom":
        return [] if isinstance(value, dict) and value else [("custom", "must be an object that is not empty.")]
    url = value.get("url") if isinstance(value, dict) else None
    if url is None:
        return [(f"{kind}.url", "is required.")]
    if kind == "audio" and not _is_text(url, 10, 2000):
        return [("audio.url", "must be a string of 10 to 2000 characters.")]
    return [] if _is_url(url) else [(f"{kind}.url", "must be an absolute http or https URL.")]


def _is_url(value: object) -> bool:
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        # Reading the port checks it.
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _category(messenger: object) -> list[Invalid]:
    if messenger is None:
        return []
    if not isinstance(messenger, dict):
        return [("messenger", "must be an object.")]
    category = messenger.get("category")
    good = category is None or (isinstance(category, str) and category in _CATEGORIES)
    strange = [(f"messenger.{name}", "is not allowed.") for name in sorted(set(messenger) - {"category", "tag"})]
    return strange if good else [("messenger.category", f"must be one of {', '.join(_CATEGORIES)}."), *strange]


def _tag(messenger: object) -> list[Invalid]:
    if not isinstance(messenger, dict):
        return []
    tag = messenger.get("tag")
    if tag is None:
        return [("messenger.tag", "is required.")] if messenger.get("category") == "message_tag" else []
    return [] if isinstance(tag, str) and tag else [("messenger.tag", "must be a string that is not empty.")]


def _webhook(body: Body) -> list[Invalid]:
    invalid = []
    if "webhook_url" in body and not _is_url(body["webhook_url"]):
        invalid.append(("webhook_url", "must be an absolute http or https URL."))
    if body.get("webhook_version", "v1") not in ("v1", "v0.1"):
        invalid.append(("webhook_version", "must be one of v0.1, v1."))
    return invalid


def _unknown(body: Body, kind: str) -> list[Invalid]:
    unknown = sorted(set(body) - {*_REQUIRED, *_OPTIONAL, kind})
    return [(name, "is not simulated." if name == "failover" else "is not allowed.") for name in unknown]


def _check_v01(body: Body) -> None:
    invalid = [*_parties(body), *_message(body.get("message"))]
    if not _is_text(body.get("client_ref", ""), 0, 40):
        invalid.append(("client_ref", "must be a string of at most 40 characters."))
    invalid += [(name, "is not allowed.") for name in sorted(set(body) - set(_V01))]
    _raise("v0.1", invalid)


def _parties(body: Body) -> list[Invalid]:
    invalid = []
    for name in ("to", "from"):
        party = body.get(name)
        if not isinstance(party, dict) or party.get("type") != "messenger":
            invalid.append((name, "must be an object whose type is messenger."))
        elif not _is_id(party.get("id")):
            invalid.append((f"{name}.id", "must be a string of 1 to 50 characters."))
    return invalid


def _message(message: object) -> list[Invalid]:
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(message, dict) or not isinstance(content, dict):
        return [("message.content", "is required.")]
    kind, kinds = content.get("type"), ("text", *MEDIA, "custom")
    if not isinstance(kind, str) or kind not in kinds:
        return [("message.content.type", f"must be one of {', '.join(kinds)}.")]
    inside = [(f"content.{name}", reason) for name, reason in _content(kind, content)]
    inside += [*_category(message.get("messenger")), *_tag(message.get("messenger"))]
    return [(f"message.{name}", reason) for name, reason in inside]
