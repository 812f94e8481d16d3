"""Each rule of the layout, held against a small tree that breaks it: a rule that finds nothing would be no rule."""

from pathlib import Path

import pytest

import layers
from layers import Layout


class Tree:
    """A small package: values, logic, an edge and a door, to plant violations in."""

    def __init__(self, folder: Path) -> None:
        self.layout = Layout(
            root=folder / "shop",
            order=["goods", "till", "stores", "market", "cli"],
            values=["goods"],
            edges=["stores", "market"],
            confined={"attrs": {"goods", "till"}, "aiohttp": {"market"}},
        )

    def plant(self, file: str, source: str) -> Path:
        """Write *source* to *file*."""
        path = self.layout.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source + "\n", "utf-8")
        return path


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A tree with nothing in it."""
    return Tree(tmp_path)


@pytest.mark.parametrize(
    ("file", "line", "found"),
    [
        ("goods.py", "from shop.till import pay", {"till"}),
        ("goods.py", "import shop.till", {"till"}),
        ("goods.py", "from . import till", {"till"}),
        ("goods.py", "def price():\n    from shop import till", {"till"}),
        ("till.py", "from shop import Price", {"Price"}),
        ("till.py", "import shop", {"shop"}),
        ("till.py", "from shop import *", {"*"}),
        ("till.py", "from shop.attic import rug", {"attic"}),
        ("stores/sqlite.py", "from shop import till", {"till"}),
        ("stores/sqlite.py", "from shop.market import Stall", {"market"}),
        ("market/stall/read.py", "from ...cli import main", {"cli"}),
        ("market/stall/read.py", "from ..stall import write", set()),
        ("stores/sqlite.py", "from shop.goods import Price\nfrom shop.stores.rows import row", set()),
        ("cli.py", "from shop.market import Stall\nimport shop.till", set()),
    ],
)
def test_a_backward_import_is_found(tree: Tree, file: str, line: str, found: set[str]) -> None:
    """In every spelling, the package's own front door among them."""
    assert tree.layout.backward(tree.plant(file, line)) == found


def test_a_part_that_has_no_place_is_found(tree: Tree) -> None:
    """Be it a module or a package."""
    placed = [tree.plant(file, "") for file in ("till.py", "attic.py", "cellar/wine.py", "market/stall.py")]

    assert [tree.layout.is_placed(path) for path in placed] == [True, False, False, True]


def test_a_stray_library_is_found(tree: Tree) -> None:
    """One where it does not belong, and one that nobody knows."""
    path = tree.plant("till.py", "import aiohttp\nfrom requests import get\nimport attrs\nimport json")
    stall = tree.plant("market/stall.py", "import aiohttp.web")

    assert (tree.layout.strangers(path), tree.layout.strangers(stall)) == ({"aiohttp", "requests"}, set())


@pytest.mark.parametrize(
    "sources",
    [
        {"till.py": "from shop.goods import Price", "goods.py": "import shop.till"},
        {"till.py": "from shop import goods", "goods.py": "def late():\n    from .till import pay"},
        {"stores/a.py": "from . import b", "stores/b.py": "import shop.stores.c", "stores/c.py": "from . import a"},
        {"stores/__init__.py": "from shop.stores.a import A", "stores/a.py": "from shop.stores import Store"},
    ],
    ids=["two modules", "inside a function", "three of one part", "a package and its own"],
)  # fmt: skip
def test_a_cycle_is_found(tree: Tree, sources: dict[str, str]) -> None:
    """Between parts, inside one, and between a package and a module of its own."""
    paths = [tree.plant(file, source) for file, source in sources.items()]

    assert tree.layout.cycles() == {tree.layout.name_of(path) for path in paths}


def test_what_is_no_cycle_is_none(tree: Tree) -> None:
    """A package may gather what its modules say, and those may need each other one way."""
    tree.plant("goods.py", "")
    tree.plant("stores/__init__.py", "from shop.stores.a import A\nfrom shop.stores.b import B")
    tree.plant("stores/a.py", "from shop.stores import b\nfrom shop.goods import Price")
    tree.plant("stores/b.py", "from shop import goods")

    assert tree.layout.cycles() == set()


def test_a_long_file_is_found(tree: Tree) -> None:
    """The line after the last one that is allowed."""
    files = [tree.plant(f"n{lines}.py", "x = 1\n" * (lines - 1) + "x = 1") for lines in (400, 401)]

    assert [layers.is_long(path) for path in files] == [False, True]


def test_a_long_function_is_found(tree: Tree) -> None:
    """Its docstring is left out, and a method or a function inside another is one too."""
    body = "    x = 1\n" * 48 + "    x = 2\n"
    source = f"def fits():\n    '''Say\n\n    much.\n    '''\n{body}async def long():\n    y = 1\n{body}"
    inner = "\n".join(f"    {line}" for line in source.splitlines())

    assert layers.long_functions(tree.plant("till.py", source)) == ["long"]
    assert layers.long_functions(tree.plant("goods.py", f"class Till:\n{inner}")) == ["long"]


def test_a_greedy_function_is_found(tree: Tree) -> None:
    """Whatever the kind of its parameters; ``self`` is given, not asked for."""
    source = (
        "def fits(a, b, c, d, e, f, g, h): ...\n"
        "def greedy(a, b, /, c, d, *e, f, g, h, **i): ...\n"
        "class Till:\n"
        "    def method(self, a, b, c, d, *, e, f, g, h): ...\n"
    )

    assert layers.greedy_functions(tree.plant("till.py", source)) == ["greedy"]


@pytest.mark.parametrize(
    ("file", "source", "found"),
    [
        ("till.py", "class StoreManager: ...", ["StoreManager"]),
        ("till.py", "class BaseStore: ...\nclass _BaseTill: ...\nclass Baseline: ...", ["BaseStore", "_BaseTill"]),
        ("till.py", "def process(): ...\nasync def processes(): ...", ["process"]),
        ("till.py", "def pay(session_manager, *, base_url, helper=None): ...", ["session_manager", "helper"]),
        ("till.py", "class Till:\n    def date_utils(self): ...", ["date_utils"]),
        ("utils.py", "", ["utils"]),
        ("helpers/dates.py", "", ["helpers"]),
        ("base.py", "", ["base"]),
        ("goods.py", "class Utilisation: ...\ndef processed(basement): ...", []),
    ],
)
def test_a_name_that_says_nothing_is_found(tree: Tree, file: str, source: str, found: list[str]) -> None:
    """Of a folder, a module, a class, a function and a parameter."""
    assert layers.misnamed(tree.plant(file, source)) == found
