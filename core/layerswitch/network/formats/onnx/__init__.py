"""The ONNX reader: file -> Model at operator level, with its weights left in the file."""

from .reader import read_onnx

__all__ = ["read_onnx"]
