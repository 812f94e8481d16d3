"""What the simulator has accepted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from attrs import field, frozen


@frozen(kw_only=True)
class Accepted:
    """One message that was answered 202, as Messenger would show it."""

    message_uuid: str
    page: str
    user: str
    kind: str
    text: str
    url: str | None
    client_ref: str | None
    api: Literal["v1", "v0.1"]
    authorised_by: Literal["jwt", "basic"]
    at: datetime
    raw: Mapping[str, object] = field(repr=False)

    def shown(self) -> str:
        """The message in a line: its text, or its kind and URL."""
        return self.text if self.kind == "text" else f"[{self.kind}] {self.url or ''}".rstrip()
