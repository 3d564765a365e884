"""What simulated boards are made of: kernels and their work, devices' coefficients, noise."""
