"""Pictures of a bot's own: what they are, and under which address they are served."""

import hashlib
import re
from typing import Final, Self
from urllib.parse import quote

from attrs import field, frozen

from botkit.errors import DefinitionError

#: What the address of a picture begins with while nobody needs to know where botkit can be reached.
SCHEME: Final = "picture:"
#: Below this path pictures are served.
FOLDER: Final = "/pictures/"
#: What Messenger takes by its URL: https://developers.facebook.com/docs/messenger-platform/send-messages/saving-assets
LARGEST_BYTES: Final = 8 * 1024 * 1024

#: How files of each kind begin, and what the kind is called in HTTP.
_KINDS: Final = (
    (b"\xff\xd8\xff", "image/jpeg", ("jpg", "jpeg")),
    (b"\x89PNG\r\n\x1a\n", "image/png", ("png",)),
    (b"GIF87a", "image/gif", ("gif",)),
    (b"GIF89a", "image/gif", ("gif",)),
)
_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")


@frozen
class Picture:
    """The *content* of a picture of a *content_type*, and the *name* that its address ends with.

    The address holds a hash of the content: another content has another address, and one address is the same for ever.
    """

    name: str
    content_type: str
    content: bytes = field(repr=False)

    @classmethod
    def of(cls, name: str, content: bytes) -> Self:
        """The picture in a file called *name*.

        Raises DefinitionError where it is not JPEG, PNG or GIF, whatever its name says, or larger than 8 MB.

        >>> Picture.of("a cake.gif", b"GIF89a...").url
        'picture:76b9a065d4540941/a-cake.gif'
        """
        found = next((kind for kind in _KINDS if content.startswith(kind[0])), None)
        if found is None:
            raise DefinitionError(f"{name:.80} is no picture that Messenger takes: save it as JPEG, PNG or GIF")
        if len(content) > LARGEST_BYTES:
            raise DefinitionError(f"{name:.80} has {len(content) / 1e6:.1f} MB, and Messenger takes 8: make it smaller")
        _, content_type, endings = found
        stem, _, ending = re.split(r"[\\/]", name)[-1].rpartition(".")
        ending = ending.lower() if ending.lower() in endings else endings[0]
        return cls(f"{_NAME.sub('-', stem).strip('-') or 'picture'}.{ending}", content_type, content)

    @property
    def key(self) -> str:
        """The end of its address: a hash of what it shows, and its name."""
        return f"{hashlib.sha256(self.content).hexdigest()[:16]}/{self.name}"

    @property
    def url(self) -> str:
        """Its address for as long as nobody needs to reach it."""
        return SCHEME + self.key


def reachable(url: str, public_url: str | None) -> str:
    """Where a picture's *url* is reached from outside; any other URL as it is.

    >>> reachable("picture:ab12/cake.jpg", "https://bots.example.com/")
    'https://bots.example.com/pictures/ab12/cake.jpg'
    """
    if not url.startswith(SCHEME) or public_url is None:
        return url
    return f"{public_url.rstrip('/')}{FOLDER}{quote(url.removeprefix(SCHEME))}"


def shown_url(url: str) -> str:
    """A URL for people: of a picture the name.

    >>> shown_url("picture:ab12/cake.jpg"), shown_url("https://example.com/a.jpg")
    ('cake.jpg', 'https://example.com/a.jpg')
    """
    return url.rpartition("/")[2] if url.startswith(SCHEME) else url
