"""SIGKILL while files are written, full disks, and folders that take nothing: the file is the old or the new one."""

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from layerswitch.errors import LayerSwitchError
from layerswitch.session import Session, load_session

SAVER = """
import sys
from layerswitch.network.graph import Layer, LayerGraph, Tensor
from layerswitch.session import Session, save_session
count = 800
tensors = {name: Tensor(name, (4,), "float32") for name in ["in", *(f"t{i}" for i in range(count))]}
layers = tuple(Layer(f"l{i}", "Relu", ("in" if i == 0 else f"t{i - 1}",), (f"t{i}",)) for i in range(count))
graph = LayerGraph("net", layers, tensors, ("in",), (f"t{count - 1}",))
number = 0
while True:
    number += 1
    session = Session(f"version {number}", {layer.name: "CPU" for layer in layers}, graph=graph)
    save_session(sys.argv[1], session)
    print(number, flush=True)
"""


def campaign(times: int, seed: int) -> dict[str, int]:
    """Kill the saver `times` times; how often the file was whole, broken, and how many temporary files were left."""
    chance = random.Random(seed)
    whole = broken = temporary = lost = 0
    with tempfile.TemporaryDirectory(prefix="layerswitch-writes-") as folder:
        path = Path(folder, "work.layerswitch")
        for _ in range(times):
            saver = subprocess.Popen([sys.executable, "-c", SAVER, str(path)], stdout=subprocess.PIPE, text=True)
            assert saver.stdout is not None
            saver.stdout.readline()  # one version is whole
            time.sleep(chance.random() * 0.05)
            saver.kill()
            said = [int(line) for line in saver.stdout.read().split()] or [1]
            saver.stdout.close()
            saver.wait()
            try:
                found: Session = load_session(path)
                number = int(found.source.split()[1])
                lost += number < said[-1]  # what was said to be saved must be there
                whole += 1
            except LayerSwitchError as error:
                print(error)
                broken += 1
            left = [one for one in Path(folder).iterdir() if one != path]
            temporary += bool(left)
            for one in left:
                one.unlink()
    return {"killed": times, "whole": whole, "broken": broken + lost, "temporary files left by the killed": temporary}
