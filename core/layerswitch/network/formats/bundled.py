"""The networks that travel with LayerSwitch, by name."""

from dataclasses import dataclass
from pathlib import Path

from ... import resources

TITLES = {
    "alexnet": "AlexNet",
    "googlenet": "GoogLeNet",
    "mobilenet-v1": "MobileNet v1",
    "mobilenet-v2": "MobileNet v2",
    "resnet-50": "ResNet-50",
    "squeezenet": "SqueezeNet 1.1",
    "inception-v3": "Inception v3",
    "vgg-16": "VGG-16",
    "yolov3-tiny": "YOLOv3-tiny",
}
"""How people write the names; a network without an entry shows its file's name."""


@dataclass(frozen=True)
class BundledModel:
    """A network in the models folder."""

    name: str
    path: Path
    title: str


def bundled_models() -> tuple[BundledModel, ...]:
    """All of them, sorted by name. Raises FileError when the installation lacks the folder."""
    files = sorted(resources.models().glob("*.onnx"))
    return tuple(BundledModel(file.stem, file, TITLES.get(file.stem, file.stem)) for file in files)
