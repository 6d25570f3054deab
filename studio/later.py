"""Modules that are loaded when somebody uses them, not when a library imports them.

diffusers and transformers import torch's compiler, scipy's optimisers, peft, torchvision's data
sets and a hundred networks for functions that Toile seldom or never calls; that was half of the
wait for a first picture. Whoever imports a module named here gets a stand-in; the first use of
anything in it loads the real one, which from then on is `sys.modules[name]` for everybody.
"""

import functools
import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

LATER: dict[str, tuple[str, ...]] = {
    "peft": (),
    "peft.helpers": ("disable_input_dtype_casting",),
    "peft.tuners": (),
    "peft.tuners.tuners_utils": ("BaseTunerLayer",),
    "scipy.integrate": (),
    "scipy.optimize": ("linear_sum_assignment",),
    "scipy.stats": (),
    "torch._dynamo": (),
    "torch._dynamo._trace_wrapped_higher_order_op": ("TransformGetItemToIndex",),
    "torch._dynamo.utils": ("is_compile_supported",),
    "torchvision.datasets": (),
    "torchvision.models": (),
}
"""The modules, and what libraries take out of them by name while they are imported themselves."""

PARTS_ALONE = (
    "diffusers.models.autoencoders",
    "diffusers.models.controlnets",
    "diffusers.models.transformers",
    "diffusers.models.unets",
)
"""Packages that import all their modules, each of which can do without the package."""

_COMPILER = "torch._dynamo"
_MARKS = ("allow_in_graph", "assume_constant_result")
"""Decorators that tell torch's compiler about what they decorate, and give it back as it was."""

_taken: dict[str, tuple[str, ...]] = {}
_alone: set[str] = set()
_waiting: set[str] = set()
_marked: list[tuple[str, Any]] = []


def put_off(
    modules: Mapping[str, tuple[str, ...]] = LATER, alone: Iterable[str] = PARTS_ALONE
) -> None:
    """From now on, load these modules when they are used; those that are here already stay.

    Args:
        modules: full names, each with its functions and classes that may be taken out of it by
            name without loading it. They can be called, asked for attributes and given to
            `isinstance`, not derived from.
        alone: packages whose modules load without them.
    """
    _alone.update(alone)
    _taken.update({**dict.fromkeys(alone, ()), **modules})
    _waiting.update(name for name in (*modules, *alone) if name not in sys.modules)
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)


def _load(name: str) -> ModuleType:
    """The real module; the modules in it no longer wait either."""
    parts: dict[str, Any] = {}
    for other in [n for n in _waiting if n == name or n.startswith(f"{name}.")]:
        _waiting.discard(other)
        if isinstance(sys.modules.get(other), _Later):
            stand_in = sys.modules.pop(other)
            parts |= vars(stand_in) if other == name else {}
    module = import_module(name)
    for part, what in parts.items():  # modules of a package that were here before it
        vars(module).setdefault(part, what)
    if name == _COMPILER and hasattr(module, "allow_in_graph"):
        while _marked:
            mark, what = _marked.pop()
            getattr(module, mark)(what)
    return module


class _Later(ModuleType):
    """Stands in for a module until it is used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # whoever looks over all modules uses none of them
            raise AttributeError(name)
        if self.__name__ in _waiting:
            if name in _taken[self.__name__]:
                return _Name(self.__name__, name)
            if self.__name__ == _COMPILER and name in _MARKS:
                return functools.partial(_mark, name)
            if self.__name__ == _COMPILER and name == "disable":
                return _disable
        return getattr(_load(self.__name__), name)


class _Name:
    """Stands in for a function or class of a module that waits."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name

    def _real(self) -> Any:
        return getattr(_load(self._module), self._name)

    def __call__(self, *given: Any, **named: Any) -> Any:
        return self._real()(*given, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real(), name)

    def __instancecheck__(self, what: Any) -> bool:
        # Of a class that nobody has loaded there is no instance.
        return self._module not in _waiting and isinstance(what, self._real())


def _mark(mark: str, what: Any) -> Any:
    """Remembers a mark for the compiler, for when there is one."""
    _marked.append((mark, what))
    return what


def _disable(function: Any = None, recursive: bool = True, **named: Any) -> Any:
    """As `torch._dynamo.disable`: while there is no compiler, there is nothing to keep it from."""
    if function is None:
        return functools.partial(_disable, recursive=recursive, **named)
    disabled = functools.cache(lambda: _load(_COMPILER).disable(function, recursive, **named))

    @functools.wraps(function)
    def call(*given: Any, **kwargs: Any) -> Any:
        return (function if _COMPILER in _waiting else disabled())(*given, **kwargs)

    return call


class _Finder:
    """Finds the stand-in of what waits, and loads the parent of what is asked for below it."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        loader: Any = self
        if name in _waiting:
            real = PathFinder.find_spec(name, path)
            if real is None:
                return None
            spec = ModuleSpec(name, loader, origin=real.origin)
            spec.submodule_search_locations = real.submodule_search_locations
            return spec
        parent = name.rpartition(".")[0]
        if parent in _waiting and parent not in _alone:
            _load(parent)
            if name in sys.modules:
                return ModuleSpec(name, loader, loader_state=sys.modules[name].__spec__)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return sys.modules[spec.name] if spec.loader_state else _Later(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """A stand-in is empty; what its parent brought is whole and keeps its specification."""
        if module.__spec__ is not None and module.__spec__.loader_state:
            module.__spec__ = module.__spec__.loader_state


_FINDER = _Finder()
