"""Values into request bodies, in the forms v1 and v0.1: the one place where Vonage's outbound JSON is written.

Source: https://developer.vonage.com/en/api/messages (v1.20: ``POST /v1/messages``, channel ``messenger``), and the v0.1
definition (``POST /v0.1/messages``), which alone documents custom objects for Messenger.
"""

from collections.abc import Mapping
from typing import Final

from botkit.errors import Rejected
from botkit.replies import Audio, Custom, File, Image, Reply, Text, Video, numbered
from botkit.settings import MessagesAPI

ID_LIMIT: Final = 50
TEXT_LIMIT: Final = 640
CLIENT_REF_LIMITS: Final[Mapping[MessagesAPI, int]] = {"v1": 100, "v0.1": 40}

Body = dict[str, object]


def request_body(api: MessagesAPI, *, page: str, user: str, reply: Reply, client_ref: str | None = None) -> Body:
    """The JSON of one POST; choices become numbered lines. Raises Rejected for what the API documents that it refuses.

    >>> request_body("v1", page="1070", user="2519", reply=Text("Hi!"))
    {'channel': 'messenger', 'message_type': 'text', 'to': '2519', 'from': '1070', 'text': 'Hi!'}
    """
    _check_id("page", page)
    _check_id("user", user)
    if client_ref is not None and len(client_ref) > CLIENT_REF_LIMITS[api]:
        raise _refused(f"client_ref has {len(client_ref)} characters; {api} takes at most {CLIENT_REF_LIMITS[api]}")
    return _v1(page, user, reply, client_ref) if api == "v1" else _v01(page, user, reply, client_ref)


def _v1(page: str, user: str, reply: Reply, client_ref: str | None) -> Body:
    if isinstance(reply, Custom) and not reply.v1:
        raise _refused(
            "v1 of the Messages API documents no custom objects for Messenger; use v0.1, or Custom(…, v1=True)"
        )
    body: Body = {"channel": "messenger", "message_type": reply.kind, "to": user, "from": page}
    body[reply.kind] = _content(reply)
    if messaging := reply.messaging:
        body["messenger"] = messaging
    if client_ref is not None:
        body["client_ref"] = client_ref
    if reply.webhook_url is not None:
        body["webhook_url"] = reply.webhook_url
    if reply.webhook_version is not None:
        body["webhook_version"] = reply.webhook_version
    return body


def _v01(page: str, user: str, reply: Reply, client_ref: str | None) -> Body:
    if reply.webhook_url is not None or reply.webhook_version is not None:
        raise _refused(
            "v0.1 of the Messages API knows neither webhook_url nor webhook_version; leave them out, or use v1"
        )
    message: Body = {"content": {"type": reply.kind, reply.kind: _content(reply)}}
    if reply.messaging:
        message["messenger"] = reply.messaging
    body: Body = {
        "from": {"type": "messenger", "id": page},
        "to": {"type": "messenger", "id": user},
        "message": message,
    }
    return body if client_ref is None else body | {"client_ref": client_ref}


def _content(reply: Reply) -> object:
    match reply:
        case Text():
            return _text(reply)
        case Image() | Audio() | Video() | File():
            return {"url": reply.url}
        case Custom():
            return dict(reply.content)
    raise TypeError(
        f"{type(reply).__name__} is no reply that can be sent; use Text, Image, Audio, Video, File or Custom."
    )


def _text(reply: Text) -> str:
    text = numbered(reply.text, reply.choices)
    if len(text) > TEXT_LIMIT:
        raise _refused(f"the text has {len(text)} characters; Messenger over Vonage takes at most {TEXT_LIMIT}")
    return text


def _check_id(name: str, given: str) -> None:
    if not 1 <= len(given) <= ID_LIMIT:
        raise _refused(f"the {name}'s id has {len(given)} characters; 1 to {ID_LIMIT} are allowed")


def _refused(why: str) -> Rejected:
    return Rejected(f"Not sent: {why}.", reason="invalid_message")
