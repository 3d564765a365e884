"""The engines there are: each package here with a module `engine`, by the package's name."""

import importlib
import inspect
import pkgutil
from typing import Any, Dict, List, Type

from .base import Engine, EngineError


def names() -> List[str]:
    """The engines of this agent, without importing any."""
    return sorted(one.name for one in pkgutil.iter_modules(__path__) if one.ispkg)


def engine_class(name: str) -> Type[Engine]:
    """The engine of that name. Raises EngineError when there is none, or when what it needs is missing here."""
    if name not in names():
        raise EngineError("there is no engine %r" % name, hint="there are: %s" % ", ".join(names()), kind="request")
    try:
        module = importlib.import_module(".%s.engine" % name, __name__)
    except ImportError as error:
        raise EngineError("engine %r cannot be used here: %s" % (name, error)) from error
    for found in vars(module).values():
        if inspect.isclass(found) and issubclass(found, Engine) and found.__module__ == module.__name__:
            return found
    raise EngineError("package %r defines no engine" % name)


def create(name: str, settings: Dict[str, Any]) -> Engine:
    """The engine of that name with these settings. Raises EngineError."""
    return engine_class(name)(settings)
