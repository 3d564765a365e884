"""What a board's answers mean: each judged as a step of the check, with the command that fixes it."""

import re
import shlex
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ...measurement.profile import BoardDescription
from ...serialization import Value

State = Literal["ok", "failed", "skipped"]
OLDEST = (3, 8)
LEAST_FREE = 500_000_000  # bytes: the weights of a large network
MOST_CLOCK_SECONDS = 60.0
LONGEST_TEXT = 400  # characters of a board's words in a step
LONGEST_FIX = 1000  # characters of what fixes it
Text = Annotated[str, Meta(max_length=100_000)]
LOG_IN_AGAIN = "then log in again"
ARM64 = ("aarch64", "arm64")
RULES = "/etc/udev/rules.d/60-layerswitch-gpu.rules"
MALI = "the Mali OpenCL library of the board's maker (libmali): `ldconfig -p | grep libOpenCL.so` must find it"


class CheckStep(Value, frozen=True):
    """One thing that a board needs. `fix` is a command for Debian and Ubuntu where it failed, or advice.

    A remark stands behind a "#", so that the whole of it can be pasted into a shell.

    `needed` says whether measuring is impossible without: too little disk, say, only makes trouble later.
    """

    name: str
    title: str
    state: State
    detail: str = ""
    fix: str = ""
    needed: bool = True


class Import(msgspec.Struct, frozen=True):
    """Whether a module can be imported."""

    version: Text = ""
    error: Text = ""


class Cache(msgspec.Struct, frozen=True):
    """The place of the agent's files."""

    folder: Text
    free: int
    writable: bool


class Gpu(msgspec.Struct, frozen=True):
    """A GPU's device file."""

    path: Text
    group: Text
    usable: bool


class Facts(msgspec.Struct, frozen=True):
    """What probe.py says."""

    python: tuple[int, int, int]
    user: Text
    machine: Text
    time: float
    numpy: Import
    cache: Cache
    gpus: tuple[Gpu, ...]


def ok(name: str, title: str, detail: str, *, needed: bool = True) -> CheckStep:
    """A step that went well."""
    return CheckStep(name, title, "ok", short(detail), needed=needed)


def failed(name: str, title: str, detail: str, fix: str, *, needed: bool = True) -> CheckStep:
    """A step that did not."""
    return CheckStep(name, title, "failed", short(detail), short(fix, LONGEST_FIX), needed)


def short(text: str, most: int = LONGEST_TEXT) -> str:
    """A board's words as one line that can be shown: nothing in it steers a terminal."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())[:most]


def word(text: str) -> str:
    """A board's words as one word of a shell's."""
    return shlex.quote(short(text, LONGEST_TEXT))


def python(facts: Facts, program: str) -> CheckStep:
    """Python 3.8 or newer."""
    version = ".".join(map(str, facts.python))
    if facts.python[:2] < OLDEST:
        fix = "sudo apt install python3.8  # then name python3.8 as the board's Python; on Debian 10, upgrade to 12"
        return failed("python", "Python", f"{program} is Python {version}; 3.8 or newer is needed", fix)
    return ok("python", "Python", f"{version} on {facts.machine}, as {facts.user}")


def numpy(facts: Facts) -> CheckStep:
    """numpy can be imported."""
    if facts.numpy.error or not facts.numpy.version:
        said = facts.numpy.error or "it has no version"
        return failed("numpy", "numpy", f"cannot be imported: {said}", "sudo apt install python3-numpy")
    return ok("numpy", "numpy", facts.numpy.version)


def disk(facts: Facts) -> CheckStep:
    """Room for weights, in a folder that can be written."""
    cache, title = facts.cache, "Disk"
    if not cache.writable:
        what = f"{cache.folder} cannot be written by {facts.user}"
        return failed("disk", title, what, f"sudo chown {word(facts.user)}: {word(cache.folder)}")
    free = f"{cache.free / 1e9:.1f} GB free in {cache.folder}"
    if cache.free < LEAST_FREE:
        fix = "rm -r ~/.cache/layerswitch/constants; sudo apt clean"
        return failed("disk", title, f"only {free}: large networks need 0.5 GB", fix, needed=False)
    return ok("disk", title, free, needed=False)


def clock(facts: Facts, here: float) -> CheckStep:
    """The board's clock against this computer's, `here`, in seconds since 1970."""
    ahead, title = facts.time - here, "Clock"
    if abs(ahead) > MOST_CLOCK_SECONDS:
        what = f"it is {abs(ahead):,.0f} s {'ahead of' if ahead > 0 else 'behind'} this computer's"
        fix = "sudo apt install systemd-timesyncd; sudo timedatectl set-ntp true"
        return failed("clock", title, what, fix, needed=False)
    return ok("clock", title, "as this computer's", needed=False)


def gpu_device(facts: Facts) -> CheckStep:
    """The user may use the GPU's device file."""
    title, locked = "GPU device", [gpu for gpu in facts.gpus if not gpu.usable]
    if not facts.gpus:
        fix = "ls /dev/mali0  # it needs the board maker's kernel, with the Mali driver"
        what = "there is no /dev/mali0, /dev/dri/renderD* or /dev/kgsl-3d0"
        return failed("gpu device", title, what, fix, needed=False)
    if locked and len(locked) == len(facts.gpus):
        what = f"{facts.user} may not use {', '.join(gpu.path for gpu in locked)}"
        return failed("gpu device", title, what, fix_for_device(locked, facts.user), needed=False)
    usable = ", ".join(gpu.path for gpu in facts.gpus if gpu.usable)
    return ok("gpu device", title, usable, needed=False)


def fix_for_device(locked: Sequence[Gpu], user: str) -> str:
    """What lets a user use GPU device files: joining their groups; those that are root's alone get one first."""
    groups, rules = [], []
    for gpu in locked:
        kernel = PurePosixPath(gpu.path).name
        group = gpu.group if gpu.group != "root" else "render" if kernel.startswith("renderD") else "video"
        groups.append(group)
        if gpu.group == "root":
            rules.append(f'KERNEL=="{kernel}", GROUP="{group}", MODE="0660"')
    joined = ",".join(dict.fromkeys(groups))
    join = f"sudo usermod -aG {word(joined)} {word(user)}  # {LOG_IN_AGAIN}"
    if not rules:
        return join
    written = " ".join(word(rule) for rule in rules)
    return f"printf '%s\\n' {written} | sudo tee {RULES}; sudo udevadm control --reload; sudo udevadm trigger; {join}"


def armnn(found: Import, machine: str = "aarch64") -> CheckStep:
    """pyarmnn can be imported; `machine` is the processor's family."""
    if found.error:
        return failed("pyarmnn", "pyarmnn", f"cannot be imported: {found.error}", fix_for_armnn(machine))
    return ok("pyarmnn", "pyarmnn", f"library {found.version or 'of unknown version'}")


def fix_for_armnn(machine: str) -> str:
    """What brings pyarmnn, with its backends where Debian has them."""
    if machine not in ARM64:
        return f"sudo apt install python3-pyarmnn  # its CPU and GPU backends are for arm64 only, this is {machine}"
    packages = "python3-pyarmnn libarmnn-cpuacc-backend22 libarmnn-gpuacc-backend22"
    return f"sudo apt install {packages}  # 22 is Debian 12's; others: apt-cache pkgnames libarmnn-cpuacc"


def backend(name: str, description: BoardDescription, version: str, machine: str) -> CheckStep:
    """A backend works, as the engine tried it; `version` is the library's."""
    for device in description.devices:
        if device.backend == name:
            return ok(name, f"Backend {name}", f"{device.name}: {device.processor}")
    reason = description.details.get(f"no {name}", "it is not there")
    return failed(name, f"Backend {name}", reason, fix_for_backend(name, reason, version, machine))


def fix_for_backend(name: str, reason: str, version: str, machine: str) -> str:
    """What brings a backend that does not work."""
    if machine not in ARM64:
        return f"# Debian has {name} for arm64 only, and this machine is {machine}"
    if name == "GpuAcc" and any(word in reason.lower() for word in ("opencl", "cl_", "platform", "device not found")):
        return f"ldconfig -p | grep libOpenCL.so  # install {MALI}"
    number = found[0] if (found := re.match(r"[0-9]{1,3}(?=\.|\Z)", version)) else "22"
    command = f"sudo apt install libarmnn-{name.lower()}-backend{number}"
    return f"{command}  # and {MALI}" if name == "GpuAcc" else command
