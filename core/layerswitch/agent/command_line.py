"""The agent's command line."""

import argparse
import importlib
import sys
from pathlib import Path
from typing import Any, BinaryIO, Callable, Dict, List, Optional

from . import constant_store
from .engines.base import Engine
from .machine_lock import PATH, BoardLock, hold
from .requests import Operations
from .server import Server


def start(arguments: List[str], source: BinaryIO, sink: BinaryIO) -> int:
    """Serve as the command line says; the exit code."""
    parser = argparse.ArgumentParser(prog="layerswitch-agent")
    parser.add_argument(
        "--cache", type=Path, default=constant_store.default_folder(), help="the folder that keeps constants"
    )
    parser.add_argument("--engine", help="MODULE:CLASS to serve instead of the engine that `open` names")
    parser.add_argument("--silence", type=float, help="seconds without a word of the client that end the agent")
    parser.add_argument("--lock", help="the file that is locked while something is measured")
    options = parser.parse_args(arguments)
    hold(sys.argv[0])
    make: Optional[Callable[[Dict[str, Any]], Engine]] = None
    if options.engine:
        module, _, name = options.engine.partition(":")
        make = getattr(importlib.import_module(module), name)
    lock = BoardLock(options.lock or PATH) if options.lock or not make else None
    return Server(source, sink, Operations(constant_store.Store(options.cache), make), lock).serve()
