"""Whole networks on Arm NN's reference backend beside an independent runtime, and what its backends refuse."""
