"""The examples of the public entry points do what they say, on a bundled network and a simulated board."""

import doctest
import importlib

import pytest

import layerswitch

MODULES = (
    "boards.board",
    "experiments.compare",
    "experiments.refine",
    "explain.explanation",
    "measurement.profile",
    "network.formats.model_source",
    "network.grouping.group",
    "planner.greedy",
    "planner.optimum",
    "planner.stability",
    "planner.switch_curve",
    "prediction.latency_model",
)


@pytest.fixture(scope="module")
def names():
    """The names that the package's own example defines, which the others go on from."""
    names = {}
    example = doctest.DocTestParser().get_doctest(layerswitch.__doc__, names, "layerswitch", None, 0)
    try:
        assert doctest.DocTestRunner().run(example, clear_globs=False).failed == 0
        names = dict(example.globs)
        yield names
    finally:
        if "board" in example.globs:
            example.globs["board"].close()


@pytest.mark.parametrize("name", MODULES)
def test_examples(names, name, capsys):
    module = importlib.import_module(f"layerswitch.{name}")
    tests = doctest.DocTestFinder().find(module, extraglobs=names)
    examples = [test for test in tests if test.examples]
    assert examples, "a public entry point has an example"
    for test in examples:
        assert doctest.DocTestRunner().run(test).failed == 0, capsys.readouterr().out
