"""Fits the simulated boards' coefficients to published measurements: `cd tools && python -m fit_boards DATA`."""
