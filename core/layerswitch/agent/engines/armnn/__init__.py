"""What the engine `armnn` is made of: the library's adapter, translation of operators, execution, and measuring."""
