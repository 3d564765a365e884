"""The LayerSwitch window: views over the library, no algorithms."""
