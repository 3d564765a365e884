"""What the app talks to: boards, each an agent reached over a connection."""
