"""The planner: the provably best assignment of layers to devices, every transfer paid for.

Two devices: a minimum cut, on any DAG. More: integer programming with its proven gap. At most k switches: dynamic
programming over the execution order. docs/planner.md tells how, with figures. `layerswitch.plan` is the way in.
"""
