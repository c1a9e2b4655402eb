"""`python -m core`: the engine without a browser."""

import sys

from core.terminal import main

if __name__ == "__main__":
    sys.exit(main())
