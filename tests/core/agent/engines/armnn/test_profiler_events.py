"""Profiles as Arm NN writes them: whose the times are, and which of them count."""

import json

import pytest

from layerswitch.agent.engines.armnn import profiler_events, pyarmnn_adapter
from layerswitch.agent.engines.base import EngineError


def measured(**values):
    return {name: {"type": "Measurement", "raw": raw, "unit": "us"} for name, raw in values.items()}


def event(number, wall, kernels=None):
    found = measured(**{f"Wall clock time_#{number}": wall})
    found.update(measured(**{f"{name}_#{number}": raw for name, raw in (kernels or {}).items()}))
    return {"type": "Event", **found}


def profile(*workloads):
    execute = {"type": "Event", **measured(**{"Wall clock time_#4": [9.0, 9000.0]})}
    execute.update({f"{name}_#{number}": event(number, *parts) for number, (name, *parts) in enumerate(workloads, 5)})
    inference = {"type": "Event", **measured(**{"Wall clock time_#1": [10.0, 10000.0]}), "Execute_#4": execute}
    return json.dumps({"ArmNN": {"inference_measurements_#1": inference}})


ORDER = [("Input", "input"), ("Convolution2d", "L0_conv"), ("Activation", "L0_relu"), ("Concat", "L1_join")]
ORDER.append(("Output", "output"))
IM2COL, GEMM = "OpenClKernelTimer/0: im2col GWS[4,16,4]", "OpenClKernelTimer/1: gemm GWS[4,4]"
CONV = ("ClConvolution2dWorkload_Execute", [5.0, 200.0], {IM2COL: [7.0, 1000.0], GEMM: [9.0, 3000.0]})
RELU = ("ClActivationWorkload_Execute", [5.0, 100.0], {"OpenClKernelTimer/0: activation GWS[1]": [1.0, 500.0]})
COPY = ("CopyMemGeneric_Execute", [1.0, 7000.0])


def test_gpu_layers_take_what_their_kernels_take():
    (found,) = profiler_events.times(profile(COPY, CONV, RELU, COPY), ORDER, gpu=True)
    assert found.layers == {0: 4.5}
    assert found.kernels == {0: [("im2col", 1.0), ("gemm", 3.0), ("activation", 0.5)]}
    assert found.inference_ms == 10.0


def test_cpu_layers_take_what_the_clock_says():
    concat = ("NeonConcatWorkload_Execute", [1.0, 50.0])
    (found,) = profiler_events.times(profile(COPY, CONV, RELU, concat, COPY), ORDER, gpu=False)
    assert found.layers == pytest.approx({0: 0.3, 1: 0.05})
    assert found.kernels[1] == [("NeonConcatWorkload", 0.05)]


def test_what_only_the_first_inference_did_does_not_count():
    once = ("ClConvolution2dWorkload_Execute", [5.0, 200.0], {IM2COL: [7.0, 1000.0], GEMM: [9000.0]})
    assert profiler_events.times(profile(once, RELU), ORDER, gpu=True)[0].layers == {0: 1.5}


def test_names_that_carry_layers_need_no_order():
    fused = "fused-L3_relu-into-L2_conv_NeonConvolution2dWorkload_Execute"
    assert profiler_events.times(profile((fused, [1.0, 2000.0])), [], gpu=False)[0].layers == {2: 2.0}


def test_several_inferences_are_read_at_once():
    first, second = profiler_events.times(profile(COPY, CONV, RELU), ORDER, gpu=True, last=2)
    assert (first.layers, second.layers) == ({0: pytest.approx(0.017)}, {0: 4.5})
    assert (first.inference_ms, second.inference_ms) == (0.01, 10.0)
    assert first.kernels[0][0] == ("im2col", 0.007)


@pytest.mark.parametrize("last", [0, 3])
def test_inferences_that_were_not_profiled(last):
    with pytest.raises(EngineError, match="2 inferences, not"):
        profiler_events.times(profile(CONV, RELU), ORDER, gpu=True, last=last)


@pytest.mark.parametrize("text", ["", "{}", '{"ArmNN": {}}', profile(CONV), profile(CONV, RELU, RELU)])
def test_a_profile_that_does_not_fit_is_an_error(text):
    with pytest.raises(EngineError, match="Arm NN's profile"):
        profiler_events.times(text, ORDER, gpu=True)


def test_dot():
    text = r"""digraph Optimized {
    0 [label="{Input|LayerName : input\lLayerType : Input\lBackendID : CpuAcc\l}"];
    1 [label="{Activation|Function : ReLu\lLayerName : L1_a/b\lLayerType : Activation\lBackendID : CpuAcc\l}"];
    0 -> 1 [label=< [1,4,16,16] >];
}"""
    assert pyarmnn_adapter.parse_dot(text) == [("Input", "input"), ("Activation", "L1_a/b")]
