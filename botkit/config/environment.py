"""``${NAME}`` and ``${file:PATH}`` in settings: replaced once, after the file was parsed, and never printed."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen

from botkit.config.nodes import Scalar
from botkit.config.problems import Problems

_REFERENCE: Final = re.compile(r"\$\{([^{}\n]*)\}")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@frozen
class Environment:
    """What settings may refer to: *variables*, and files through *read_file*."""

    variables: Mapping[str, str]
    read_file: Callable[[str], bytes]

    def expanded(self, scalar: Scalar, path: str, problems: Problems) -> str:
        """The scalar's text with every reference replaced; what a reference brings in is not looked at again."""

        def replace(found: re.Match[str]) -> str:
            return self._value(found[1].strip(), scalar, path, problems)

        return _REFERENCE.sub(replace, scalar.text)

    def _value(self, reference: str, scalar: Scalar, path: str, problems: Problems) -> str:
        if reference.startswith("file:"):
            return self._file(reference.removeprefix("file:"), scalar, path, problems)
        if not _NAME.fullmatch(reference):
            text = f"${{{reference}}} is no variable; write ${{NAME}}, or ${{file:PATH}}"
        elif reference not in self.variables:
            text = f"the environment variable {reference} is not set"
        else:
            return self.variables[reference]
        problems.add(scalar.line, scalar.column, path, text)
        return ""

    def _file(self, name: str, scalar: Scalar, path: str, problems: Problems) -> str:
        try:
            return self.read_file(name).decode("utf-8").strip()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "it is not in UTF-8"
            problems.add(scalar.line, scalar.column, path, f"the file {name} cannot be read ({why})")
            return ""


def unresolved(text: str) -> bool:
    """Whether *text* refers to anything."""
    return _REFERENCE.search(text) is not None
