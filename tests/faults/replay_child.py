"""A replay of the toy, to be killed: FOLDER, JOBS, and perhaps POINT and how often it is reached before the end."""

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.replays import replay_toy


def main() -> None:
    folder, jobs, point, times = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    reached = 0

    def at(name: str) -> None:
        nonlocal reached
        reached += name == point
        if reached == times:
            os.kill(os.getpid(), signal.SIGKILL)

    replay_toy(folder, jobs=jobs, at=at)


if __name__ == "__main__":
    main()
