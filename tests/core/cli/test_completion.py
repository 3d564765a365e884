"""Tab: the shell's own script is run in a real bash, as its completion runs it."""

import os
import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow(20)

bash = pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
PROGRAM = '#!/bin/sh\nexec "{python}" -m layerswitch "$@"\n'


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A PATH that has `layerswitch` on it, whatever this environment's is called."""
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "layerswitch"
    program.write_text(PROGRAM.format(python=sys.executable))
    program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


@pytest.fixture(scope="module")
def script(invoke):
    done = invoke("--show-completion", "bash", env={**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"})
    assert done.returncode == 0, done.stderr
    assert "complete -o default" in done.stdout
    return done.stdout


@pytest.fixture
def tab(path, script, tmp_path):
    """What Tab offers behind some words, as bash splits them."""

    def press(*words):
        quoted = " ".join(f"'{word}'" for word in words)
        lines = (
            script,
            f"COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}",
            "_layerswitch_completion layerswitch",
            "printf '%s\\n' \"${COMPREPLY[@]}\"",
        )
        environment = {**os.environ, "PATH": path, "XDG_CONFIG_HOME": str(tmp_path)}
        done = subprocess.run(
            ["bash", "--norc", "-c", "\n".join(lines)], env=environment, capture_output=True, text=True, timeout=60
        )
        assert done.stderr == ""
        return done.stdout.split()

    return press


@bash
def test_commands_and_options(tab):
    assert tab("layerswitch", "co") == ["compare"]
    assert tab("layerswitch", "board", "") == ["add", "remove", "check"]
    assert tab("layerswitch", "compare", "--unt") == ["--until-decided"]
    assert tab("layerswitch", "show", "vgg-16", "--group", "b") == ["block"]


@bash
def test_networks_and_boards_by_name(tab, tmp_path):
    assert tab("layerswitch", "show", "mobilenet") == ["mobilenet-v1", "mobilenet-v2"]
    assert tab("layerswitch", "show", "./mine") == []  # bash offers files then
    assert "sim:khadas-vim3" in tab("layerswitch", "profile", "vgg-16", "-b", "")
    (tmp_path / "layerswitch" / "boards").mkdir(parents=True)
    (tmp_path / "layerswitch" / "boards" / "desk.toml").write_text('title = "Desk"\nkind = "ssh"\nhost = "vim3"\n')
    assert tab("layerswitch", "board", "remove", "") == ["desk"]


@bash
@pytest.mark.parametrize("words", [("sim", ":"), ("sim", ":", "kh")])
def test_a_name_with_a_colon_which_bash_takes_for_several_words(tab, words):
    found = tab("layerswitch", "profile", "vgg-16", "-b", *words)
    assert "khadas-vim3" in found
    assert not any(name.startswith("sim") for name in found)


@bash
def test_what_stands_behind_a_name_with_a_colon(tab):
    assert tab("layerswitch", "profile", "vgg-16", "-b", "sim", ":", "khadas-vim3", "--out") == ["--output"]


def test_an_unknown_shell_is_bad_input(invoke):
    done = invoke(
        "--show-completion", "nosuch", env={**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    )
    assert done.returncode == 2
    assert "nosuch" in done.stderr
