"""Whether a board can measure: step by step what works, and the command that fixes what does not."""
