"""Campaigns that end things in the middle: `python -m tests.campaigns writes|agent|ssh|window [--times N] [--seed N]`.

writes: a process that saves a session over and over is ended by SIGKILL at a random moment; the file must be the old or
the new one, whole. agent: the agent of a simulated board is ended by SIGKILL at a random moment of profiling or
running; the client must say so with a BoardError, and go on after a restart; nothing may be left behind. ssh: the same
over an SSH server. window: the window itself is ended at random moments; the next start recovers what there was.
"""

import argparse
import sys

from . import agent, over_ssh, window, writes

CAMPAIGNS = {
    "writes": writes.campaign,
    "agent": agent.campaign,
    "ssh": over_ssh.campaign,
    "window": window.campaign,
}


def main() -> int:
    """Run one campaign, print its figures; 1 when something was broken or left behind."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("campaign", choices=CAMPAIGNS)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    figures = CAMPAIGNS[options.campaign](options.times, options.seed)
    print(", ".join(f"{name}: {value}" for name, value in figures.items()))
    return 1 if figures["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
