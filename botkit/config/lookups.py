"""``lookups:`` in the settings, which says where bots may look something up, and ``lookup:`` of an intent."""

import ipaddress
import re
from collections.abc import Collection, Iterator
from typing import Final

from attrs import evolve, frozen

from botkit.config.answers import Say
from botkit.config.inquiry import FOUND, Inquiry, SayFound, climbs
from botkit.config.nodes import Broken, Keys, Node, Path, Scalar, entry, items_of, keys_of, said
from botkit.config.problems import Problems
from botkit.config.speech import Speech
from botkit.config.words import Words
from botkit.lookups import LOOKUP_SECONDS
from botkit.reach import is_loopback, is_public
from botkit.settings import LookupHost

_HOST: Final = re.compile(r"(?:([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)|\[([0-9a-f:.]{2,45})\])(?::([0-9]{1,5}))?")
_HEAD: Final = re.compile(r"(https?)://([A-Za-z0-9.:\[\]-]+)([/?]|$)", re.IGNORECASE)
_OUTSIDE_URLS: Final = re.compile(r"[^!-~]|#")
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
#: What is not the author's to say, because it says how the request is made.
_OURS: Final = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "upgrade", "te", "trailer"}
)

_SUCH_AS: Final = "such as https://api.example.com/orders/{order}"


# Settings


def lookup_hosts(tree: Node | None, problems: Problems) -> tuple[LookupHost, ...]:
    """The hosts that ``lookups:`` of a bots.yaml names."""
    hosts: dict[str, LookupHost] = {}
    for node, path in _each_host(tree):
        named = entry(node, "host") if isinstance(node, Keys) else node
        host = said(named).lower()
        if not isinstance(named, Scalar):
            continue
        if told := "this host is named already" if host in hosts else _wrong_host(host):
            problems.add(named, path, told)
            continue
        given = keys_of(entry(node, "headers"))
        headers = {name: said(one) for name, one in given.items() if isinstance(one, Scalar)}
        _check_headers(entry(node, "headers"), (*path, "headers"), problems)
        hosts[host] = LookupHost(host=host, headers=headers, is_complete=len(headers) == len(given))
    return tuple(hosts.values())


def is_known(tree: Node | None) -> bool:
    """Whether everything that ``lookups:`` names could be read, so that what is missing there is missing."""
    given = entry(tree, "lookups")
    hosts = [entry(node, "host") if isinstance(node, Keys) else node for node, _ in _each_host(tree)]
    return tree is not None and not any(isinstance(one, Broken) for one in (given, entry(given, "hosts"), *hosts))


def _each_host(tree: Node | None) -> Iterator[tuple[Node, Path]]:
    for number, node in enumerate(items_of(entry(entry(tree, "lookups"), "hosts"))):
        yield node, ("lookups", "hosts", number)


def _wrong_host(host: str) -> str:
    """Why nothing can be looked up at *host*, empty if it can."""
    found = _HOST.fullmatch(host)
    if found is None or ".." in host or not 0 < int(found[3] or 443) < 65536:
        return "this is no host; write one such as api.example.com, without https:// and without a path"
    name = found[1] or found[2]
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "" if found[1] else "this is no address; write one such as [::1]:8080"
    told = "this address is none of the public internet; besides those, only this machine's own can be asked"
    return "" if is_loopback(name) or is_public(name) else told


def _check_headers(node: Node | None, path: Path, problems: Problems) -> None:
    if not isinstance(node, Keys):
        return
    for name, inner in node.entries.items():
        if not _HEADER.fullmatch(name):
            problems.add(node.keys[name], path, "this is no name of a header; write one such as Authorization")
        elif name.lower() in _OURS:
            problems.add(node.keys[name], path, "this header says how the request is made, and is botkit's own")
        elif not said(inner).isprintable():
            problems.add(inner, (*path, name), "a header is one line of text")


# Intents


def answered(tree: Keys, path: Path, speech: Speech, hosts: Collection[str] | None) -> Say | SayFound:
    """The answer of the intent at *tree*: its reply, after its lookup where it has one.

    *hosts* are those that may be asked, None where nobody knows. What is wrong is added to the problems of *speech*.
    """
    node, reply, at = entry(tree, "lookup"), entry(tree, "reply"), (*path, "reply")
    assert reply is not None
    if node is None:
        return speech.answer(reply, at)
    found = evolve(speech, looks_up=True).answer(reply, at)
    otherwise = entry(node, "otherwise")
    if not isinstance(node, Keys) or otherwise is None:
        return found
    reader = _Inquirer(node, (*path, "lookup"), speech, hosts)
    return SayFound(
        inquiry=Inquiry(reader.url(), tuple(reader.matches())),
        found=found,
        otherwise=speech.answer(otherwise, (*path, "lookup", "otherwise")),
    )


def check_time(node: Node, seconds: float, path: Path, problems: Problems) -> None:
    """Complain at *node* where handlers have so few *seconds* that a lookup may take longer."""
    if seconds <= LOOKUP_SECONDS:
        told = f"a lookup: may take {LOOKUP_SECONDS:g} s; give handlers more than that"
        problems.add(node, (*path, "handler_timeout_seconds"), told)


@frozen
class _Inquirer:
    """Reads what an intent looks up."""

    tree: Keys
    path: Path
    speech: Speech
    hosts: Collection[str] | None

    def url(self) -> Words:
        """What to ask; whatever it is where something is wrong with it."""
        node, path = self.tree.entries["url"], (*self.path, "url")
        # Another service knows the value, and not what it is called in some language.
        words = evolve(self.speech, titles={}).words(node, path) or Words(("",))
        if words.pieces != ("",):
            self._check(words, node, path)
        return words

    def _check(self, words: Words, node: Node, path: Path) -> None:
        head = _HEAD.match(words.pieces[0])
        if head is None or (not head[3] and len(words.pieces) > 1):
            self._complain(node, path, f"this begins with https:// and a host, and {{…}} stands behind it, {_SUCH_AS}")
            return
        host = head[2].lower()
        literal = words.pieces[::2]
        if head[1].lower() == "http" and not is_loopback(re.sub(r":\d*$", "", host).strip("[]")):
            self._complain(node, path, "this begins with https://; http:// is for this machine only")
        elif any(_OUTSIDE_URLS.search(piece) for piece in literal):
            told = "a URL has neither spaces nor # nor letters with accents; write them as %20 and the like"
            self._complain(node, path, told)
        elif climbs("x".join(literal)):
            self._complain(node, path, "a path has no . and no .. in it; write where it leads")
        elif self.hosts is not None and host not in self.hosts:
            add = "" if self.hosts else f"; add lookups: {{hosts: [{host}]}} to bots.yaml, at the top"
            told = f'the host "{host[:100]}" is not named in lookups:{add}'
            self.speech.problems.add(node, path, told, word=host if self.hosts else "", known=self.hosts)

    def matches(self) -> Iterator[tuple[str, Words]]:
        """The fields that must match, each with what it must equal."""
        given, path = entry(self.tree, "must_match"), (*self.path, "must_match")
        if not isinstance(given, Keys):
            return
        for key, node in given.entries.items():
            if not isinstance(node, Scalar):
                continue
            name, words = said(node), Words(("", said(node), ""))
            if not all(key.split(".")) or key.startswith(FOUND) or any(map(str.isspace, key)):
                told = "this is no field of what is found; write its path alone, such as customer.email"
                self._complain(given.keys[key], path, told)
            elif "{" in name or "}" in name:
                self._complain(node, (*path, key), "here a name stands alone, without braces")
            elif words.names:
                self.speech.check_slot(name, node, (*path, key))
            yield key, words

    def _complain(self, node: Node, path: Path, told: str) -> None:
        self.speech.problems.add(node, path, told)
