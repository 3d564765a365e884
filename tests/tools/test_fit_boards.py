"""The fit recovers what it is given, without the published data, which is not part of the project."""

import sys
from pathlib import Path

import numpy as np
import pytest

TOOLS = Path(__file__).parents[2] / "tools"


@pytest.fixture
def fit_boards(monkeypatch):
    """The package under tools/, importable during the test."""
    monkeypatch.syspath_prepend(str(TOOLS))
    from fit_boards import evaluation, fitting, priors, published, writing

    yield {"evaluation": evaluation, "fitting": fitting, "priors": priors, "published": published, "writing": writing}
    for name in [name for name in sys.modules if name.partition(".")[0] == "fit_boards"]:
        del sys.modules[name]


def network(channels, sizes):
    """A chain of 1x1 and 3x3 convolutions, one layer each, over maps of these sizes."""
    tensors, layers = {}, []
    for place, (size, kernel) in enumerate((size, kernel) for size in sizes for kernel in (1, 3)):
        for end in "xy":
            name = f"{end}{place}"
            tensors[name] = {"name": name, "shape": [1, channels, size, size], "dtype": "float32"}
        attributes = {"kernel": [kernel, kernel], "strides": [1, 1], "group": 1}
        convolution = {
            "name": f"c{place}",
            "type": "Convolution",
            "inputs": [f"x{place}"],
            "outputs": [f"y{place}"],
            "attributes": attributes,
        }
        layers.append({"name": f"l{place}", "operators": [convolution]})
    return {"name": "n", "layout": "NCHW", "tensors": tensors, "layers": layers}


def test_a_board_of_known_coefficients_is_found_again(fit_boards):
    fitting, priors = fit_boards["fitting"], fit_boards["priors"]
    beliefs = {"CPU": priors.vim3("cpu"), "GPU": priors.vim3("gpu")}
    networks = {"one": network(64, (56, 28, 14)), "two": network(256, (28, 14, 7)), "three": network(512, (14, 7))}
    cases, truth = {}, {}
    for device, prior in beliefs.items():
        values = prior.values.copy()
        values[fitting.NAMES.index("gemm")] *= 1.4
        values[fitting.NAMES.index("winograd")] *= 0.8
        blank = {name: {place: [1.0] for place in range(len(one["layers"]))} for name, one in networks.items()}
        case = fitting.Case(networks, blank, prior.library)
        case.measured = case.predict(values)
        cases[device], truth[device] = case, values
    found = fitting.fit(cases, beliefs, ["one", "two"])
    for device, case in cases.items():
        left_out = case.network_of == "three"
        before = np.abs(case.predict(beliefs[device].values) / case.measured - 1)[left_out].mean()
        after = np.abs(case.predict(found[device]) / case.measured - 1)[left_out].mean()
        assert after < 0.04 < before


def test_what_is_switched_off_stays_off(fit_boards):
    prior = fit_boards["priors"].vim3("cpu")
    names = [fit_boards["fitting"].NAMES[place] for place in prior.free]
    assert "gemm" in names
    assert not {"cache_bytes", "idle_winograd", "half_columns"} & set(names)


def test_the_best_order_is_what_trying_all_gives(fit_boards):
    evaluation, rng = fit_boards["evaluation"], np.random.default_rng(0)
    for _ in range(20):
        layers = {device: rng.uniform(1, 5, 8) for device in ("CPU", "GPU")}
        sizes, moves = rng.uniform(0, 1e6, 8), {("CPU", "GPU"): (0.5, 2e-6), ("GPU", "CPU"): (0.9, 1e-6)}
        orders = ["".join("BG"[number >> place & 1] for place in range(8)) for number in range(256)]
        best = min(evaluation.cost(order, layers, sizes, moves) for order in orders)
        assert evaluation.cost(evaluation.best_order(layers, sizes, moves), layers, sizes, moves) == pytest.approx(best)


def test_published_networks_are_read_from_their_rows(fit_boards, tmp_path):
    (tmp_path / "khadas_vim3_cpu_ops.csv").write_text(
        "dir,graph,component,layer,op_index,op,time_ms(CPU only),n_inputs,input_shape(CxHxW),output_shape\n"
        "d,Alex,B,0,0,conv1,9.0,3,3x227x227,96x55x55\n"
        "d,Alex,B,0,1,pool1,0.9,1,96x55x55,96x27x27\n"
        "d,Alex,L,0,0,conv1,30.0,3,3x227x227,96x55x55\n"
        "d,Alex,B,1,2,fc8,4.2,3,4096,1000\n"
    )
    published = fit_boards["published"]
    graph = published.network(tmp_path, "Alex")
    found = [one for layer in graph["layers"] for one in layer["operators"]]
    assert [one["type"] for one in found] == ["Convolution", "MaxPool", "FullyConnected"]
    assert found[0]["attributes"] == {"kernel": [11, 11], "strides": [4, 4], "dilations": [1, 1], "group": 1}
    assert published.operator_times(tmp_path, "Alex") == [9.0, 0.9, 4.2]
