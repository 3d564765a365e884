import pytest

from layerswitch.explain.kernel_purposes import label, part_of, shares
from layerswitch.measurement.profile import Kernel, Peaks


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("im2col3x3_nhwc", "data movement"),
        ("NEIm2ColKernel", "data movement"),
        ("fill_image_borders_replicate", "data movement"),
        ("gemm_reshape_lhs_matrix_nt", "data movement"),
        ("NEGEMMInterleave4x4Kernel", "data movement"),
        ("NEGEMMTranspose1xWKernel", "data movement"),
        ("concatenate_width", "data movement"),
        ("NEPadLayerKernel", "data movement"),
        ("permute", "data movement"),
        ("copy_tensor", "data movement"),
        ("NETransposeKernel", "data movement"),
        ("strided_slice", "data movement"),
        ("deconvolution_layer", "arithmetic"),
        ("winograd_input_transform_4x4_3x3_stepz1_nhwc", "Winograd transforms"),
        ("NEWinogradLayerTransformInputKernel", "Winograd transforms"),
        ("winograd gemm", "arithmetic"),
        ("gemm_mm_reshaped_only_rhs_nt", "arithmetic"),
        ("NEGEMMMatrixMultiplyKernel", "arithmetic"),
        ("depthwise_convolution_3x3_nhwc", "arithmetic"),
        ("pooling_layer_2", "arithmetic"),
        ("activation_layer", "arithmetic"),
        ("softmax_layer_norm", "arithmetic"),
        ("whatever", "arithmetic"),
    ],
)
def test_parts_by_name(name, part):
    assert part_of(name) == part


def test_shares_add_up_and_launches_are_taken_out():
    found = shares([Kernel("im2col", 2.0, 2), Kernel("gemm", 7.0)], 9.1, Peaks(launch_ms=0.5))
    assert sum(found.parts.values()) == pytest.approx(1)
    assert found.parts["launches"] == pytest.approx(1.5 / 9)
    assert found.parts["data movement"] == pytest.approx(1 / 9)
    assert found.parts["arithmetic"] == pytest.approx(6.5 / 9)
    assert found.parts["outside kernels"] == 0  # 1 % is no more than drift


def test_a_tenth_that_no_kernel_covers_lies_outside():
    found = shares([Kernel("gemm", 6.0)], 8.0, None)
    assert found.parts["outside kernels"] == pytest.approx(0.25)
    assert found.parts["launches"] == 0


def test_a_launch_is_never_more_than_its_kernel():
    assert shares([Kernel("gemm", 1.0, 3)], 1.0, Peaks(launch_ms=5.0)).parts["launches"] == 1


def test_nothing_is_said_without_kernels_or_time():
    assert shares([], 1.0, None) is None
    assert shares([Kernel("gemm", 0.0)], 0.0, None) is None


def test_movement_is_named_when_it_is_of_one_kind():
    assert label("data movement", {"data movement": ("fill_image_borders",)}) == "border filling"
    assert label("data movement", {"data movement": ("im2col", "permute")}) == "data movement"
    assert label("launches", {}) == "launches"
