"""The table of modules in docs/architecture.md is the one that tools/module_table.py writes from the code."""

import pytest

import module_table


def test_the_page_has_the_table_of_the_code():
    page = module_table.PAGE.read_text(encoding="utf-8")
    assert page == module_table.updated(page), "run: python tools/module_table.py"


@pytest.fixture
def house(tmp_path):
    package = tmp_path / "core" / "layerswitch" / "planner"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('"""The planner: the best assignment."""\n')
    (package / "min_cut.py").write_text('"""Two devices: a cut | a flow,\nexactly.\n\nMore about it."""\n')
    return tmp_path


def test_a_module_has_a_row_with_its_first_sentence_and_a_package_a_heading(house):
    page = module_table.updated(f"above\n{module_table.BEGIN}\nold\n{module_table.END}\nbelow\n", house)
    assert page == (
        f"above\n{module_table.BEGIN}\n\n### core/layerswitch/planner\n\nThe planner: the best assignment.\n\n"
        "| module | what it is |\n|---|---|\n"
        "| [min_cut.py](../core/layerswitch/planner/min_cut.py) | Two devices: a cut \\| a flow, exactly. |\n"
        f"\n{module_table.END}\nbelow\n"
    )


def test_writing_twice_changes_nothing(house):
    page = module_table.updated(f"{module_table.BEGIN}{module_table.END}", house)
    assert module_table.updated(page, house) == page


def test_a_module_without_a_docstring_is_named(house):
    (house / "core" / "layerswitch" / "bare.py").write_text("x = 1\n")
    with pytest.raises(ValueError, match=r"bare\.py: no docstring"):
        list(module_table.sections(house))


def test_a_page_without_the_markers_is_left_alone(house):
    with pytest.raises(ValueError, match="lacks the line"):
        module_table.updated("a page", house)
