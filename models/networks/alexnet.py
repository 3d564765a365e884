"""AlexNet as in Caffe's bvlc_alexnet: two halves in conv2, conv4 and conv5; normalization before pooling."""

import onnx

from .builder import Network


def alexnet() -> onnx.ModelProto:
    """Krizhevsky et al., 2012; input 3x227x227, 1,000 classes."""
    net = Network("alexnet", "AlexNet", 227)
    x = net.relu(net.conv("data", "conv1", 96, 11, 4), "relu1")
    x = net.max_pool(net.lrn(x, "norm1"), "pool1", 3, 2)
    x = net.relu(net.conv(x, "conv2", 256, 5, pad=2, group=2), "relu2")
    x = net.max_pool(net.lrn(x, "norm2"), "pool2", 3, 2)
    x = net.relu(net.conv(x, "conv3", 384, 3, pad=1), "relu3")
    x = net.relu(net.conv(x, "conv4", 384, 3, pad=1, group=2), "relu4")
    x = net.relu(net.conv(x, "conv5", 256, 3, pad=1, group=2), "relu5")
    x = net.max_pool(x, "pool5", 3, 2)
    x = net.relu(net.dense(x, "fc6", 4096), "relu6")
    x = net.relu(net.dense(x, "fc7", 4096), "relu7")
    return net.model(net.softmax(net.dense(x, "fc8", 1000), "prob"))
