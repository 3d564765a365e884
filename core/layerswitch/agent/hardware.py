"""What a board says of itself: processors, clocks, temperatures, memory, GPU. Whatever cannot be read is left out."""

import ctypes
import glob
import platform
import re
from typing import Any, Dict, List, NamedTuple, Optional

CL_DEVICE_NAME, CL_DEVICE_MAX_MEM_ALLOC_SIZE, CL_DEVICE_GLOBAL_MEM_SIZE = 0x102B, 0x1010, 0x101F
CPUS = "/sys/devices/system/cpu/cpu[0-9]*"
PARTS = {  # Arm's part numbers, from its cores' technical reference manuals (MIDR)
    "0xd03": "Cortex-A53",
    "0xd04": "Cortex-A35",
    "0xd05": "Cortex-A55",
    "0xd07": "Cortex-A57",
    "0xd08": "Cortex-A72",
    "0xd09": "Cortex-A73",
    "0xd0a": "Cortex-A75",
    "0xd0b": "Cortex-A76",
    "0xd0d": "Cortex-A77",
    "0xd40": "Neoverse-V1",
    "0xd41": "Cortex-A78",
    "0xd44": "Cortex-X1",
    "0xd46": "Cortex-A510",
    "0xd47": "Cortex-A710",
    "0xd48": "Cortex-X2",
}


def read(path: str) -> str:
    """A small system file, "" where there is none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().replace("\0", "").strip()
    except OSError:
        return ""


def title() -> str:
    """The board's name by its device tree, or what its processor is called."""
    return read("/proc/device-tree/model") or "{} computer".format(platform.machine())


def processor() -> str:
    """The processors: kinds and counts."""
    text = read("/proc/cpuinfo")
    found: Dict[str, int] = {}
    parts = re.findall(r"^CPU part\s*:\s*(\S+)", text, re.M)
    names = [PARTS.get(part, "part " + part) for part in parts]
    names = names or re.findall(r"^model name\s*:\s*(.+)$", text, re.M)
    for name in names:
        found[name] = found.get(name, 0) + 1
    return " + ".join("{} x {}".format(count, name) for name, count in found.items()) or platform.machine()


def clusters() -> str:
    """The clusters: cores, and the clock in MHz that each may reach."""
    found: Dict[str, List[str]] = {}
    for path in sorted(glob.glob(CPUS)):
        most = read(path + "/cpufreq/cpuinfo_max_freq")
        if most.isdigit():
            found.setdefault(most, []).append(path.rpartition("cpu")[2])
    return "; ".join("cores {} up to {} MHz".format(",".join(ids), int(most) // 1000) for most, ids in found.items())


def state() -> Dict[str, Any]:
    """What the board is like right now, in numbers: the fields of a BoardState; whatever cannot be read is left out."""
    clocks: Dict[str, float] = {}
    governors = set()
    for path in sorted(glob.glob(CPUS)):
        cores = read(path + "/cpufreq/related_cpus") or path.rpartition("cpu")[2]
        clock, governor = read(path + "/cpufreq/scaling_cur_freq"), read(path + "/cpufreq/scaling_governor")
        if clock.isdigit():
            clocks.setdefault("cores " + cores, int(clock) / 1000.0)
        if governor:
            governors.add(governor)
    temperatures: Dict[str, float] = {}
    for zone in sorted(glob.glob("/sys/class/thermal/thermal_zone*")):
        degrees, sensor = read(zone + "/temp"), read(zone + "/type") or "zone"
        if degrees.lstrip("-").isdigit():
            sensor = sensor if sensor not in temperatures else "{} {}".format(sensor, zone.rpartition("zone")[2])
            temperatures[sensor] = int(degrees) / 1000.0
    load = re.match(r"\d+(\.\d+)?", read("/proc/loadavg"))
    values = {
        "clocks_mhz": clocks,
        "governors": sorted(governors),
        "temperatures_c": temperatures,
        "load": float(load.group()) if load else None,
        "free_bytes": free_memory(),
    }
    return {name: value for name, value in values.items() if value not in (None, {}, [])}


def free_memory() -> Optional[int]:
    """Bytes that can still be had; None where nothing says."""
    found = re.search(r"MemAvailable:\s*(\d+)", read("/proc/meminfo"))
    return int(found.group(1)) * 1024 if found else None


def gpu() -> str:
    """The GPU's name by OpenCL, "" where it cannot be asked. Loads the OpenCL library."""
    text = ctypes.create_string_buffer(256)
    if _ask_gpu(CL_DEVICE_NAME, text):
        return text.value.decode("utf-8", "replace").strip()
    return read("/sys/class/misc/mali0/device/gpuinfo")


class GpuMemory(NamedTuple):
    """Bytes that the GPU allocates at once at most, and in all."""

    once: int
    whole: int


def gpu_memory() -> Optional[GpuMemory]:
    """What OpenCL says of the GPU's memory; None where it cannot be asked."""
    once, whole = ctypes.c_uint64(), ctypes.c_uint64()
    if _ask_gpu(CL_DEVICE_MAX_MEM_ALLOC_SIZE, once) and _ask_gpu(CL_DEVICE_GLOBAL_MEM_SIZE, whole):
        return GpuMemory(once.value, whole.value)
    return None


def _ask_gpu(what: int, answer: Any) -> bool:
    """Have OpenCL fill in what it says of the first GPU; whether it did."""
    try:
        library: Any = ctypes.CDLL("libOpenCL.so")
        platforms = (ctypes.c_void_p * 4)()
        count = ctypes.c_uint()
        if library.clGetPlatformIDs(4, platforms, ctypes.byref(count)):
            return False
        for number in range(min(4, count.value)):
            device, found = ctypes.c_void_p(), ctypes.c_uint()
            gpu_kind = ctypes.c_ulong(4)  # CL_DEVICE_TYPE_GPU
            asked = (ctypes.c_void_p(platforms[number]), gpu_kind, 1, ctypes.byref(device), ctypes.byref(found))
            if library.clGetDeviceIDs(*asked) == 0 and found.value:
                size = ctypes.c_size_t(ctypes.sizeof(answer))
                return not library.clGetDeviceInfo(device, what, size, ctypes.byref(answer), None)
    except (OSError, AttributeError):
        pass
    return False


def details() -> Dict[str, str]:
    """Everything about the board, for people to read."""
    memory = re.search(r"MemTotal:\s*(\d+)", read("/proc/meminfo"))
    texts = {
        "processor": processor(),
        "clusters": clusters(),
        "memory": "{:.1f} GB".format(int(memory.group(1)) / 1e6) if memory else "",
        "system": "{} {}".format(platform.system(), platform.release()),
    }
    now = state()
    texts["clocks"] = ", ".join("{} {:.0f} MHz".format(*one) for one in now.get("clocks_mhz", {}).items())
    texts["governor"] = ", ".join(now.get("governors", ()))
    texts["temperatures"] = ", ".join("{} {:.0f} °C".format(*one) for one in now.get("temperatures_c", {}).items())
    texts["load"] = "{:g}".format(now["load"]) if "load" in now else ""
    return {name: text for name, text in texts.items() if text}
