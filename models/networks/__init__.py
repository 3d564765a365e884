"""The bundled networks, one small file per network or family; each function returns a finished ONNX model."""

from collections.abc import Callable

import onnx

from .alexnet import alexnet
from .googlenet import googlenet
from .mobilenet import mobilenet_v1
from .resnet import resnet_50
from .squeezenet import squeezenet

NETWORKS: dict[str, Callable[[], onnx.ModelProto]] = {
    "alexnet": alexnet,
    "googlenet": googlenet,
    "mobilenet-v1": mobilenet_v1,
    "resnet-50": resnet_50,
    "squeezenet": squeezenet,
}
"""File name without ending -> the function that builds it."""
