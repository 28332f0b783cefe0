"""A script that imports parts of this library -> one that runs without it: their source text stands in place of the imports.

A part comes with everything of the library that its code names, unchanged but for names that two modules share, so that a script does
what the library does and nothing is written twice. Names of the script's own, such as a class Config, stand in for the library's.
Nothing of a part is run here.
"""

import ast
import inspect
import re
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from graphlib import TopologicalSorter
from importlib import import_module
from threading import Lock
from types import FunctionType, ModuleType

_LIBRARY = __name__.partition(".")[0]
_WIDTH = 138  # of comments
_LINE = 140
_parsing = Lock()  # in Python 3.11, ast.parse fails in threads at once: "AST constructor recursion depth mismatch"


def embed(script: str) -> str:
    """The script, with the parts where the first import of the library stands, and all other imports at its top.

    It begins with a docstring. Raises ValueError where two things in it would have one name.
    """
    source = _Source(script)
    parts = _Parts(frozenset(source.definitions) | _assigned(source.body))
    parts.follow(source, source.body)
    parts.imports |= set(source.outside.values())
    code = parts.code()
    lines = script.splitlines()
    for node in source.import_nodes:
        lines[node.lineno - 1 : node.end_lineno] = [None] * (node.end_lineno - node.lineno + 1)
    first = next(node.lineno for node in source.import_nodes if _is_of_library(node)) - 1
    docstring = source.docstring.end_lineno
    sections = ["\n".join(line for line in part if line is not None).strip("\n") for part in (lines[docstring:first], lines[first:])]
    head = "\n".join(lines[:docstring])
    return f"{head}\n\n{_sorted(parts.imports)}\n\n\n" + "\n\n\n".join(filter(None, (sections[0], code, sections[1]))) + "\n"


class _Source:
    """A module's text taken apart: what it defines at its top, and what it imports, by the names that its code uses.

    `outside` are import statements; `library` are pairs of a module of the library and a name in it, or None for the module itself.
    """

    def __init__(self, text: str):
        self.lines = text.splitlines()
        with _parsing:
            self.docstring, *self.body = ast.parse(text).body
        self.import_nodes = [node for node in self.body if isinstance(node, (ast.Import, ast.ImportFrom))]
        self.definitions = {name: node for node in self.body for name in _defined(node)}
        self.outside: dict[str, str] = {}
        self.library: dict[str, tuple[ModuleType, str | None]] = {}
        for node in self.import_nodes:
            for alias in node.names:
                name = alias.asname or alias.name
                if _is_of_library(node):
                    self.library[name] = _found(node.module, alias.name)
                else:
                    beginning = f"from {node.module} " if isinstance(node, ast.ImportFrom) else ""
                    self.outside[name] = f"{beginning}import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return self.docstring.value.value.partition("\n")[0]

    def text(self, node: ast.stmt, renamed: dict[str, str]) -> str:
        """A definition with its decorators and the comments right above it, with some names of its module changed."""
        start = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))]) - 1
        while self.lines[start - 1].startswith("#"):
            start -= 1
        lines = {number: self.lines[number - 1].encode() for number in range(start + 1, node.end_lineno + 1)}
        for number, column, name in sorted(_mentions(node, renamed), reverse=True):
            line = lines[number]
            lines[number] = line[:column] + renamed[name].encode() + line[column + len(name.encode()) :]
        return "\n".join(line.decode() for line in lines.values())


class _Parts:
    """What a script needs of the library. `given` are the names that the script defines itself."""

    def __init__(self, given: frozenset[str]):
        self.imports: set[str] = set()
        self._given = given
        self._renamed: dict[ModuleType, dict[str, str]] = defaultdict(dict)
        self._by_name: set[tuple[ModuleType, str]] = set()  # imported by their own names, which they have to keep
        self._taken: dict[ModuleType, set[str]] = {}
        self._used: dict[ModuleType, set[str]] = defaultdict(set)  # by the module's name and a dot
        self._before: dict[ModuleType, set[ModuleType]] = defaultdict(set)

    def follow(self, source: _Source, nodes: list[ast.stmt], module: ModuleType | None = None) -> None:
        """Take what these statements of a module, or of the script, name."""
        for node in (each for statement in nodes for each in ast.walk(statement)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in source.library:
                other, name = source.library[node.value.id]
                if name is None:
                    self._used[other].add(node.attr)
                    self._take(other, node.attr, module)
            elif isinstance(node, ast.Name):
                if module and node.id in source.definitions:
                    self._take(module, node.id, module)
                elif node.id in self._given:
                    continue
                elif source.library.get(node.id, (None, None))[1]:
                    self._by_name.add(source.library[node.id])
                    self._take(*source.library[node.id], module)
                elif node.id in source.outside:
                    self.imports.add(source.outside[node.id])

    def code(self) -> str:
        """The text of all parts, modules after those that they need. Raises ValueError where two have the same name."""
        modules = [module for module in TopologicalSorter(self._before).static_order() if module in self._taken]
        if twice := self._twice(modules):  # private ones may be called alike in two modules, and public ones stand behind a module's name
            for module in modules:
                for name in self._taken[module] & twice:
                    if (module, name) not in self._by_name:
                        self._renamed[module][name] = f"{_short(module)}_{name.lstrip('_')}"
            if twice := self._twice(modules):
                raise ValueError(f"A script can't have two things of one name: {', '.join(sorted(twice))}. Rename one in its module.")
        if self._used:
            self.imports.add("from types import SimpleNamespace")
        return "\n\n\n".join(self._section(module) for module in modules)

    def _twice(self, modules: list[ModuleType]) -> set[str]:
        taken = (self._renamed[module].get(name, name) for module in modules for name in self._taken[module])
        names = [*self._given, *taken, *map(_short, self._used)]
        return {name for name in names if names.count(name) > 1}

    def _take(self, module: ModuleType, name: str, needed_by: ModuleType | None) -> None:
        if needed_by not in (None, module):
            self._before[needed_by].add(module)
        self._before[module] |= set()
        names = self._taken.setdefault(module, set())
        if name not in names:
            names.add(name)
            source = _source(module)
            self.follow(source, [source.definitions[name]], module)

    def _section(self, module: ModuleType) -> str:
        source = _source(module)
        nodes = sorted({source.definitions[name] for name in self._taken[module]}, key=lambda node: node.lineno)
        text = "\n".join(textwrap.wrap(f"{_short(module)}: {source.summary}", _WIDTH, initial_indent="# ", subsequent_indent="# "))
        for before, node in zip([None, *nodes], nodes, strict=False):
            are_constants = before and not any(isinstance(each, (ast.FunctionDef, ast.ClassDef)) for each in (before, node))
            text += ("\n" if before is None or are_constants else "\n\n\n") + source.text(node, self._renamed[module])
        pairs = [f"{name}={self._renamed[module].get(name, name)}" for name in sorted(self._used.get(module, ()))]
        return text + (f"\n\n\n{_namespace(module, pairs)}" if pairs else "")


@lru_cache(maxsize=100)
def _source(module: ModuleType) -> _Source:
    return _Source(inspect.getsource(module))


def _is_of_library(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module.partition(".")[0] == _LIBRARY


def _found(module_name: str, name: str) -> tuple[ModuleType, str | None]:
    """What `from module_name import name` gives: a module, or the module that defines it and its name."""
    thing = getattr(import_module(module_name), name, None) or import_module(f"{module_name}.{name}")
    if isinstance(thing, ModuleType):
        return thing, None
    is_defined_there = isinstance(thing, (type, FunctionType)) and thing.__module__.startswith(_LIBRARY)
    return import_module(thing.__module__ if is_defined_there else module_name), name


def _mentions(statement: ast.stmt, names: dict[str, str]) -> Iterator[tuple[int, int, str]]:
    """Line, column in bytes, and name, where a statement defines or uses one of these."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and node.id in names:
            yield node.lineno, node.col_offset, node.id
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node is statement and node.name in names:
            yield node.lineno, node.col_offset + len("def " if isinstance(node, ast.FunctionDef) else "class "), node.name


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]


def _assigned(body: list[ast.stmt]) -> set[str]:
    """Names that statements outside of functions and classes give a value, as a loop does."""
    nodes = (node for statement in body if not isinstance(statement, (ast.FunctionDef, ast.ClassDef)) for node in ast.walk(statement))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _short(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def _namespace(module: ModuleType, pairs: list[str]) -> str:
    """So that `images.load` is written as in the library."""
    line = f"{_short(module)} = SimpleNamespace({', '.join(pairs)})"
    return line if len(line) <= _LINE else f"{_short(module)} = SimpleNamespace(\n" + "".join(f"    {pair},\n" for pair in pairs) + ")"


def _sorted(imports: set[str]) -> str:
    """The import statements as a formatter leaves them: Python's own, then the others; whole modules first."""
    members, modules = defaultdict(list), defaultdict(list)
    for line in imports:
        module, name = re.fullmatch(r"(?:from (\S+) )?import (.+)", line).groups()
        (members[module] if module else modules[name.split()[0]]).append(name)
    lines = defaultdict(list)
    for module in sorted(modules, key=str.lower):
        lines[_is_foreign(module)].append(f"import {modules[module][0]}")
    for module in sorted(members, key=str.lower):
        names = sorted(members[module], key=lambda name: (not name.isupper(), not name[0].isupper(), name))
        lines[_is_foreign(module)].append(f"from {module} import {', '.join(names)}")
    return "\n\n".join("\n".join(lines[is_foreign]) for is_foreign in (False, True) if lines[is_foreign])


def _is_foreign(module: str) -> bool:
    return module.partition(".")[0] not in sys.stdlib_module_names
