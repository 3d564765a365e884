"""The TFLite reader: file -> Model at operator level, with its weights left in the file."""

from .reader import read_tflite

__all__ = ["read_tflite"]
