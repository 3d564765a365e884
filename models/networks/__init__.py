"""The bundled networks, one small file per network or family; each function returns a finished ONNX model."""

from collections.abc import Callable

import onnx

from .alexnet import alexnet
from .googlenet import googlenet
from .inception_v3 import inception_v3
from .mobilenet import mobilenet_v1, mobilenet_v2
from .resnet import resnet_50
from .squeezenet import squeezenet
from .vgg import vgg_16
from .yolov3_tiny import yolov3_tiny

NETWORKS: dict[str, Callable[[], onnx.ModelProto]] = {
    "alexnet": alexnet,
    "googlenet": googlenet,
    "inception-v3": inception_v3,
    "mobilenet-v1": mobilenet_v1,
    "mobilenet-v2": mobilenet_v2,
    "resnet-50": resnet_50,
    "squeezenet": squeezenet,
    "vgg-16": vgg_16,
    "yolov3-tiny": yolov3_tiny,
}
"""File name without ending -> the function that builds it."""
