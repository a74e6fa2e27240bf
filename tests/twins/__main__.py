"""The command line of ``dedupe`` with the readable twins in the place of the kernels."""

from __future__ import annotations

from dedupe.cli import main
from twins import install

if __name__ == "__main__":
    install()
    main()
