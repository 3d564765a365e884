"""Networks: the layer graph, read from files and grouped into layers, and assignments of its layers to devices."""
