"""Files of text: those that people have written, in whichever editor, and those that are written for them."""

from pathlib import Path

from botkit.errors import ConfigError


def text_in(path: str, wanted: str) -> str:
    """What stands in the file at *path*, without the mark that some editors put in front of UTF-8.

    Raises ConfigError for what cannot be read, which says to name what is *wanted*.
    """
    try:
        return Path(path).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        told = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"{path} cannot be read ({told}); name {wanted}.") from None


def write_to(path: Path, content: bytes) -> None:
    """Write *content* to the file at *path*; raises ConfigError where that cannot be."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written ({error.strerror}); name another file.") from None
