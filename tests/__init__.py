"""One thread for numpy's many small matrices, as in cli.py: said before anything imports numpy."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
