"""``${NAME}`` and ``${file:PATH}`` in settings: replaced once, after the file was parsed, and never shown."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from attrs import evolve, frozen

from botkit.config.nodes import Broken, Items, Keys, Node, Path, Scalar, shown
from botkit.config.problems import Problems

_REFERENCE: Final = re.compile(r"\$\{([^{}\n]*)\}")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BARE: Final = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")


@frozen
class Environment:
    """What settings may refer to: *variables*, and files through *read_file*."""

    variables: Mapping[str, str]
    read_file: Callable[[str], str | bytes]

    def expanded(self, node: Node, path: Path, problems: Problems) -> Node:
        """The node with every reference in it replaced; what a reference brings in is not looked at again.

        A reference that cannot be followed is added to *problems*, with its name.
        """
        if isinstance(node, Keys):
            entries = {key: self.expanded(inner, (*path, key), problems) for key, inner in node.entries.items()}
            return evolve(node, entries=entries)
        if isinstance(node, Items):
            items = (self.expanded(inner, (*path, number), problems) for number, inner in enumerate(node.items))
            return evolve(node, items=tuple(items))
        if isinstance(node, Scalar) and "$" in node.text:
            return self._scalar(node, path, problems)
        return node

    def _scalar(self, scalar: Scalar, path: Path, problems: Problems) -> Node:
        followed = {reference: self._follow(reference.strip()) for reference in _REFERENCE.findall(scalar.text)}
        complaints = [found.wrong for found in followed.values() if found.wrong]
        if "${" in _REFERENCE.sub("", scalar.text) or _BARE.fullmatch(scalar.text.strip()):
            complaints.append("a reference is written ${NAME}, in braces")
        for complaint in complaints:
            problems.add(scalar, path, complaint)
        if complaints:
            return Broken(line=scalar.line, column=scalar.column)
        text = _REFERENCE.sub(lambda found: followed[found[1]].value, scalar.text)
        return evolve(scalar, text=text, secret=bool(followed))

    def _follow(self, reference: str) -> "_Followed":
        if reference.startswith("file:"):
            return self._read(reference.removeprefix("file:").strip())
        if not _NAME.fullmatch(reference):
            return _Followed(wrong=f'"{shown(reference)}" is no name of a variable; write ${{NAME}}, or ${{file:PATH}}')
        if reference not in self.variables:
            return _Followed(wrong=f"the environment variable {reference} is not set")
        if not self.variables[reference].strip():
            return _Followed(wrong=f"the environment variable {reference} is empty")
        if not _is_text(self.variables[reference]):
            return _Followed(wrong=f"the environment variable {reference} is not in UTF-8")
        return _Followed(self.variables[reference])

    def _read(self, name: str) -> "_Followed":
        try:
            content = self.read_file(name)
            text = (content if isinstance(content, str) else content.decode("utf-8-sig")).strip()
        except OSError as error:
            return _Followed(
                wrong=f'the file "{shown(name)}" cannot be read ({error.strerror or type(error).__name__})'
            )
        except ValueError:
            return _Followed(wrong=f'the file "{shown(name)}" cannot be read (it is not in UTF-8)')
        return _Followed(text) if text else _Followed(wrong=f'the file "{shown(name)}" is empty')


@frozen
class _Followed:
    """Where a reference led: to a *value*, or to something *wrong*."""

    value: str = ""
    wrong: str = ""


def _is_text(value: str) -> bool:
    """Whether it holds none of the surrogates that stand for bytes which are no UTF-8."""
    return not any("\ud800" <= sign <= "\udfff" for sign in value)


def without_references(node: Node) -> Node:
    """The node with every text broken that refers to something, for whoever may not follow it."""
    if isinstance(node, Keys):
        return evolve(node, entries={key: without_references(inner) for key, inner in node.entries.items()})
    if isinstance(node, Items):
        return evolve(node, items=tuple(without_references(inner) for inner in node.items))
    if isinstance(node, Scalar) and "${" in node.text:
        return Broken(line=node.line, column=node.column)
    return node
