"""The peers of the drawing: Netron's own layout under node, and Graphviz dot; on the graphs that LayerSwitch draws.

All times are processor time, so that other programs do not count.
"""

import importlib.util
import json
import os
import re
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

Edges = Sequence[tuple[int, int]]

NETRON = """
import { readFileSync } from 'fs';
const dagre = await import(process.argv[2]);
const { count, edges, width, height } = JSON.parse(readFileSync(process.argv[3], 'utf-8'));
const options = { nodesep: 20, ranksep: 20 };   // as netron's grapher.js asks for it
if (count > 3000) options.ranker = 'longest-path';
const times = [];
for (let turn = 0; turn < Number(process.argv[4]); turn++) {
    const nodes = [...Array(count).keys()].map((place) => ({ v: String(place), width, height }));
    const lines = edges.map(([v, w]) => ({ v: String(v), w: String(w), minlen: 1, weight: 1, width: 0, height: 0,
        labeloffset: 10, labelpos: 'r' }));
    const begin = process.cpuUsage();
    dagre.layout(nodes, lines, options, {});
    const used = process.cpuUsage(begin);
    times.push((used.user + used.system) / 1000);
}
console.log(JSON.stringify(times));
"""


def netron_folder() -> Path | None:
    """Where the package netron lies, if it is installed (pip install netron)."""
    found = importlib.util.find_spec("netron")
    return Path(found.origin).parent if found and found.origin else None


def versions() -> str:
    """What there is, and what is missing and where it comes from."""
    netron, node, dot = netron_folder(), shutil.which("node"), dot_program()
    said = []
    if netron and node:
        name = next(iter(netron.parent.glob("netron-*.dist-info")), None)
        version = name.name.split("-")[1].removesuffix(".dist") if name else "?"
        running = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
        said.append(f"netron {version} under node {running.stdout.strip()}")
    else:
        said.append("no Netron: " + ("pip install netron" if node else "there is no node"))
    if dot:
        running = subprocess.run([dot, "-V"], capture_output=True, text=True, check=True)
        said.append(running.stderr.strip().replace(" - ", " "))
    else:
        said.append("no Graphviz: apt-get install graphviz, or name the program in DOT")
    return "; ".join(said)


def dot_program() -> str | None:
    """Graphviz's dot: the environment variable DOT, or what is on the path."""
    return shutil.which(os.environ.get("DOT", "dot"))


def netron_ms(count: int, edges: Edges, size: tuple[float, float], times: int, limit_s: float) -> list[float] | None:
    """Ms of each layout by Netron's JavaScript; None where it cannot run or takes longer than the limit."""
    folder, node = netron_folder(), shutil.which("node")
    if folder is None or node is None:
        return None
    with tempfile.TemporaryDirectory() as place:
        script, graph = Path(place, "layout.mjs"), Path(place, "graph.json")
        script.write_text(NETRON, encoding="utf-8")
        content = {"count": count, "edges": list(edges), "width": size[0], "height": size[1]}
        graph.write_text(json.dumps(content), encoding="utf-8")
        command = [node, str(script), (folder / "dagre.js").as_uri(), str(graph), str(times)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=limit_s, check=True)
        except subprocess.TimeoutExpired:
            return None
        found: list[float] = json.loads(done.stdout)
        return found


def dot_ms(count: int, edges: Edges, size: tuple[float, float], limit_s: float) -> float | None:
    """Ms of one layout by dot, its start left out; None where it cannot run or takes longer than the limit."""
    program = dot_program()
    if program is None:
        return None
    width, height = size[0] / 72, size[1] / 72
    lines = [f'digraph {{ node [shape=box fixedsize=true width={width:.3f} height={height:.3f} label=""];']
    lines += [f"n{place};" for place in range(count)]
    lines += [f"n{one} -> n{other};" for one, other in edges]

    def run(text: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [program, "-Tplain"], input=text, capture_output=True, text=True, timeout=limit_s, check=True
        )
        assert re.search(r"^stop$", done.stdout, re.MULTILINE)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return 1e3 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    try:
        return max(run("\n".join([*lines, "}"])) - run("digraph { a }"), 0.0)
    except subprocess.TimeoutExpired:
        return None
