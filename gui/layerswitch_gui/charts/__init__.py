"""Charts of times: latency bars with the assignment ribbon, timeline, switch curve, comparison."""
