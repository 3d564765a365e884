"""From a profile to the predicted latency of any assignment, and how far it can be trusted."""
