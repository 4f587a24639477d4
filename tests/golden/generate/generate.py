"""Writes every golden file of this folder's parent with real Keras: `python generate.py [--only Dense,LSTM] [--out DIR]`."""

import argparse
import sys
from pathlib import Path

from engines import ENGINES  # first: it prepares the environment for TensorFlow
from cases import all_cases
from record import record


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent, help="where to write (tests/golden)")
    parser.add_argument("--only", help="folders to write, separated by commas; the others stay as they are")
    options = parser.parse_args()
    only = set(options.only.split(",")) if options.only else None

    cases = [case for case in all_cases() if not only or case.folder in only]
    for folder in {case.folder for case in cases}:
        for stale in (options.out / folder).glob("k?_*"):
            stale.unlink()
    for case in cases:
        for key in case.engines:
            print(f"{case.folder}/{key}_{case.name}", file=sys.stderr)
            record(case, ENGINES[key], options.out / case.folder)


if __name__ == "__main__":
    main()
