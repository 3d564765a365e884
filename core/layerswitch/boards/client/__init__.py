"""The client of one agent, layer by layer: bytes, messages, requests, answers."""
