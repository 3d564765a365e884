"""The agent as one file works like the agent in its folder, and its name follows its content."""

import sys
from pathlib import Path

from layerswitch.boards.agent_bundle import agent_bundle
from layerswitch.boards.board import Board
from layerswitch.boards.client.local_channel import LocalChannel
from layerswitch.measurement.profile import ProfileSettings


def test_the_same_files_give_the_same_bundle():
    first = agent_bundle()
    agent_bundle.cache_clear()
    assert agent_bundle() == first
    assert first.name.startswith("agent-")
    assert len(first.content) < 400_000  # sent once per version over slow links


def test_it_runs_as_one_file_far_from_the_package(make_entry, model, tmp_path, monkeypatch):
    bundle = agent_bundle()
    (tmp_path / bundle.name).write_bytes(bundle.content)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    command = [sys.executable, str(tmp_path / bundle.name), "--engine", "scripted_engine:Scripted"]
    with Board.connect(make_entry(), connect=lambda _: LocalChannel(command)) as board:
        assert board.profile(model, ProfileSettings(runs=1)).whole().samples["CPU"]["a"] == (1.0,)
