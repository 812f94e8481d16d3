"""Values into request bodies, in the forms v1 and v0.1: the one place where Vonage's outbound JSON is written.

Source: https://developer.vonage.com/en/api/messages (v1.20: ``POST /v1/messages``, channel ``messenger``), and the v0.1
definition (``POST /v0.1/messages``), which alone documents custom objects for Messenger.
"""

from botkit.errors import Rejected
from botkit.replies import Custom, Reply, Text
from botkit.settings import MessagesAPI

ID_LIMIT = 50
TEXT_LIMIT = 640
CLIENT_REF_LIMITS = {"v1": 100, "v0.1": 40}

Body = dict[str, object]


def request_body(api: MessagesAPI, *, page: str, user: str, reply: Reply, client_ref: str | None = None) -> Body:
    """The JSON of one POST; raises Rejected for what the API documents that it refuses."""
    _check(api, page, user, reply, client_ref)
    return _v1(page, user, reply, client_ref) if api == "v1" else _v01(page, user, reply, client_ref)


def _v1(page: str, user: str, reply: Reply, client_ref: str | None) -> Body:
    body: Body = {"channel": "messenger", "message_type": reply.kind, "to": user, "from": page}
    body[reply.kind] = _content(reply)
    if reply.messaging:
        body["messenger"] = reply.messaging
    optional = {
        "client_ref": client_ref,
        "webhook_url": reply.webhook_url,
        "webhook_version": reply.webhook_version,
    }
    return body | {name: value for name, value in optional.items() if value is not None}


def _v01(page: str, user: str, reply: Reply, client_ref: str | None) -> Body:
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
    if isinstance(reply, Text):
        return reply.text
    if isinstance(reply, Custom):
        return dict(reply.content)
    return {"url": getattr(reply, "url")}  # noqa: B009 - every other reply is a medium, and has one


def _check(api: MessagesAPI, page: str, user: str, reply: Reply, client_ref: str | None) -> None:
    for name, given in (("page", page), ("user", user)):
        if not 1 <= len(given) <= ID_LIMIT:
            raise _refused(f"the {name}'s id has {len(given)} characters; 1 to {ID_LIMIT} are allowed")
    if isinstance(reply, Text) and len(reply.text) > TEXT_LIMIT:
        raise _refused(f"the text has {len(reply.text)} characters; Messenger over Vonage takes {TEXT_LIMIT}")
    if isinstance(reply, Custom) and api == "v1" and not reply.v1:
        raise _refused(
            "v1 of the Messages API documents no custom objects for Messenger; set messages_api: v0.1, or Custom(…, v1=True)"
        )
    if client_ref is not None and len(client_ref) > CLIENT_REF_LIMITS[api]:
        raise _refused(f"client_ref has {len(client_ref)} characters; {api} takes {CLIENT_REF_LIMITS[api]}")


def _refused(why: str) -> Rejected:
    return Rejected(f"Not sent: {why}.", reason="invalid_message")
