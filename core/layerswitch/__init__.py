"""LayerSwitch: profile, plan, edit and rerun CPU-GPU layer-switched inference. No Qt anywhere in this package."""

__version__ = "0.1.0"
