"""The refinement: plan, run, correct, plan again, step by step."""
