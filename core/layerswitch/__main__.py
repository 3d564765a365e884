"""`python -m layerswitch` is the same program as `layerswitch`."""

from .cli import main

if __name__ == "__main__":
    main()
