from layerswitch_gui.widgets.row_ranges import unbroken


def test_runs_of_rows() -> None:
    assert unbroken([]) == []
    assert unbroken([4]) == [(4, 4)]
    assert unbroken([0, 1, 2, 5, 7, 8]) == [(0, 2), (5, 5), (7, 8)]
