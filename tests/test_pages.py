"""README.md and the pages of docs/ speak of what is there: files, modules, commands with their options, and keys."""

import contextlib
import importlib
import re
import tomllib
from pathlib import Path

import pytest
import typer

import layerswitch
from layerswitch.cli.app import app

CHECKOUT = Path(__file__).parents[1]
PAGES = (*sorted(CHECKOUT.glob("*.md")), CHECKOUT / "models" / "README.md", *sorted((CHECKOUT / "docs").glob("*.md")))
TEXTS = {page.relative_to(CHECKOUT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
ROOTS = ("core", "gui", "tests", "tools", "bench", "models", "assets", "docs")
FILES = [path.relative_to(CHECKOUT).as_posix() for root in ROOTS for path in (CHECKOUT / root).rglob("*.*")]
PROGRAM = typer.main.get_command(app)
every_page = pytest.mark.parametrize("page", TEXTS)


@every_page
def test_links_lead_somewhere(page):
    links = re.findall(r"(?:\]\(|src=\")(?!http)([^)#\"]+)", TEXTS[page])
    assert [link for link in links if not (CHECKOUT / page).parent.joinpath(link).exists()] == []


def test_readme_lists_every_page():
    listed = set(re.findall(r"^\| \[(\S+\.md)\]", TEXTS["README.md"], re.MULTILINE))
    assert listed == set(TEXTS) - {"README.md"}


@every_page
def test_files_named_are_there(page):
    named = set(re.findall(r"(?<![\w/.*<-])((?:[\w-]+/)*[\w-]+\.(?:py|toml|c|txt))\b(?!\()", TEXTS[page]))
    missing = {name for name in named if not any(f"/{path}".endswith(f"/{name}") for path in FILES)}
    top = {name for name in missing if (CHECKOUT / name).is_file()}
    assert missing - top - {"NAME.toml"} == set()


def test_the_changelog_has_the_version_that_the_program_says():
    version = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert version == layerswitch.__version__
    assert re.search(rf"^## {re.escape(version)} - \d{{4}}-\d\d-\d\d$", TEXTS["CHANGELOG.md"], re.MULTILINE)


def is_there(name):
    """Whether a dotted name is a module, or what a module has."""
    module = name
    while module:
        with contextlib.suppress(ModuleNotFoundError):
            value = importlib.import_module(module)
            return all(
                hasattr(value, part) and (value := getattr(value, part))
                for part in name[len(module) + 1 :].split(".")
                if part
            )
        module = module.rpartition(".")[0]
    return False


@every_page
def test_names_of_the_library_are_there(page):
    names = set(re.findall(r"(?<![\w/.-])layerswitch(?:_gui)?(?:\.[A-Za-z_]+)+", TEXTS[page]))
    assert {name for name in names if not is_there(name)} == set()


def test_the_architecture_names_every_package():
    page = TEXTS["docs/architecture.md"]
    packages = {path.parent.relative_to(CHECKOUT).as_posix() for path in CHECKOUT.glob("*/layerswitch*/**/__init__.py")}
    assert {package for package in packages if f"### {package}\n" not in page} == set()


def commands(text):
    """(words, options) of every call of the program, on a line of its own or between backquotes."""
    text = text.replace("\n", " \n")
    for call in re.findall(r"(?:^    |`)(?:\.venv/bin/)?layerswitch ([^`\n#]+)", text, re.MULTILINE):
        words = call.split()
        options = [word.partition("=")[0] for word in words if re.match(r"-{1,2}[a-z]", word)]
        yield [word for word in words if not word.startswith("-")], options, call


@every_page
def test_commands_and_their_options_are_there(page):
    wrong = []
    for words, options, call in commands(TEXTS[page]):
        command = PROGRAM
        while hasattr(command, "commands") and words and (words[0] in command.commands or command is not PROGRAM):
            name = words.pop(0)
            if name not in command.commands:
                wrong.append(call)
                break
            command = command.commands[name]
        known = {"--help", "-h", *(option for one in command.params for option in one.opts)}
        wrong += [f"{option} of {call}" for option in options if option not in known]
        if command is PROGRAM and words:
            wrong.append(call)
    assert wrong == []


def test_every_dependency_has_its_reason():
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = TEXTS["docs/dependencies.md"]
    parts = dict(zip(("run", "test"), text.partition("## Tests and packaging")[::2], strict=True))
    for part, wanted in (("run", project["dependencies"]), ("test", project["optional-dependencies"]["test"])):
        names = {re.match(r"[\w-]+", one)[0] for one in wanted}
        rows = re.findall(r"^\| ([^|]+) \|", parts[part], re.MULTILINE)
        said = {name for row in rows for name in row.split(", ")} - {"package"}
        assert names <= said, part
        assert part == "test" or names == said
