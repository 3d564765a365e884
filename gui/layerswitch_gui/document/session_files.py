"""Between the document and the files it is opened from: sessions, and profiles, of which one is made."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from layerswitch.errors import LayerSwitchError
from layerswitch.measurement.profile import Profile, now
from layerswitch.network.assignment import Assignment
from layerswitch.network.named_assignment import NamedAssignment
from layerswitch.prediction.latency_model import LatencyModel
from layerswitch.serialization import kind_of, load
from layerswitch.session import Session, is_session, load_session, locate

from .document import Document

if TYPE_CHECKING:
    from ..jobs.lazy_library import Services

COMPUTED = ("baseline", "greedy", "plan")


def session_of(document: Document) -> Session:
    """Everything open, as one value. The document must have a network."""
    source = document.source
    if Path(source).suffix and Path(source).is_file():
        source = str(Path(source).resolve())  # holds in any folder
    return Session(
        source=source,
        assignment=document.assignment,
        board=document.entry.name if document.entry else "",
        graph=None if document.profile else document.graph,
        profile=document.profile,
        plan=document.actual_plan,  # what-if answers stay on the screen
        pins=document.pins,
        named=document.named,
        runs=document.runs,
        comparison=document.comparison,
        created=now(),
    )


def is_measured(path: str) -> bool:
    """Whether a file holds what `read` takes: a session by its name, a profile by what it says it is."""
    return is_session(path) or kind_of(Path(path)) == "profile"


def read(path: str, services: "Services") -> tuple[dict[str, Any], LayerSwitchError | None]:
    """A session's or profile's file as the values `Document.restore` takes, and why a session's model or board is
    missing, if it is.

    Runs on a job's thread. Raises FileError when the file cannot be read.
    """
    session = load_session(path) if is_session(path) else _of_profile(load(path, Profile), services)
    trouble: LayerSwitchError | None = None
    model, entry = None, None
    try:
        entry = services.find(session.board) if session.board else None
        if session.source:
            model = services.open_model(locate(session, Path(path).parent)).regrouped(session.network.level)
            if model.graph.fingerprint != session.network.fingerprint or model.graph.index != session.network.index:
                model, trouble = None, LayerSwitchError("the model file has changed since", where=session.source)
    except LayerSwitchError as error:
        trouble = error
    named = [replace(one, assignment=session.in_order(one.assignment)) for one in session.named]
    measured = {
        run.assignment: services.summarize(
            run.samples_ms[run.steadiness.warmup if run.steadiness else 0 :]  # as it was shown when it was measured
        )
        for run in session.runs
    }
    for compared in session.comparison.entries if session.comparison else ():
        measured[compared.assignment] = compared.measured_ms
    return {
        "model": model,
        "source": session.source,
        "graph": session.network,
        "entry": entry,
        "profile": session.profile,
        "latency": LatencyModel.from_profile(session.profile) if session.profile else None,
        "plan": session.plan,
        "assignment": session.in_order(session.assignment),
        "pins": dict(session.pins),
        "selection": (),
        "computed": tuple(one for one in named if one.kind in COMPUTED),
        "own": tuple(one for one in named if one.kind not in COMPUTED),
        "runs": session.runs,
        "comparison": session.comparison,
        "measured": measured,
    }, trouble if is_session(path) else None


def _of_profile(profile: Profile, services: "Services") -> Session:
    """A session in which nothing was done yet. A profile names its network and board, but holds no model file."""
    graph, devices = profile.graph, profile.devices
    bundled = {model.name for model in services.bundled_models()}
    try:
        board = services.find(profile.board.name).name
    except LayerSwitchError:
        board = ""
    able = {device: profile.samples.get(device, {}).keys() for device in devices}
    first = {layer: next((one for one in devices if layer in able[one]), devices[0]) for layer in graph.index}
    named = tuple(
        NamedAssignment(device, "baseline", Assignment.uniform(graph, device))
        for device in devices
        if able[device] >= graph.index.keys()
    )
    source = graph.name if graph.name in bundled else ""
    return Session(source=source, assignment=Assignment(first), board=board, profile=profile, named=named)
