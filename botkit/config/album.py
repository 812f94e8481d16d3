"""The album: pictures that texts of bots.yaml name, read from the files beside it."""

from collections.abc import Callable

from attrs import field, frozen

from botkit.errors import DefinitionError
from botkit.pictures import Picture

ReadFile = Callable[[str], str | bytes]


@frozen
class Album:
    """Reads pictures with *read_file*, and keeps those of one bot."""

    read_file: ReadFile
    pictures: dict[str, Picture] = field(factory=dict)

    def take(self, name: str) -> Picture:
        """The picture in the file called *name*; raises DefinitionError where there is none, or no picture in it."""
        try:
            content = self.read_file(name)
        except OSError as error:
            told = f"{name:.80} cannot be read ({error.strerror}); name a picture beside bots.yaml, or a URL"
            raise DefinitionError(told) from error
        picture = Picture.of(name, content.encode() if isinstance(content, str) else content)
        return self.pictures.setdefault(picture.key, picture)
