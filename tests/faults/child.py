"""A process to be killed: does one thing to the workspace in its arguments, and dies at the point it is told.

`python child.py ACTION FOLDER [POINT [NUMBER]]`; NUMBER says which record, and how many for `append-many`. Whatever
ends in an error of ours prints its type and text and exits with 2.
"""

import os
import resource
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from forecast.errors import ForecastError
from forecast.ledger.exchange import export_jsonl
from forecast.ledger.files import write_atomically
from forecast.ledger.import_log import import_jsonl
from forecast.ledger.store import DRAWS_FOLDER, LEDGER_FILE, open_ledger
from tests.ledger.samples import evidence, forecast, large_evidence, large_forecast

MADE_AT = "2024-01-09T08:00:00+00:00"


def main() -> None:
    action, folder = sys.argv[1], Path(sys.argv[2])
    deadly = sys.argv[3] if len(sys.argv) > 3 else ""
    number = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    if limit := os.environ.get("FILE_SIZE_LIMIT"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))

    def at(point: str) -> None:
        if point == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    if action == "draws":
        path, _ = write_atomically(folder / DRAWS_FOLDER, ".npz", lambda file: file.write(b"draws" * 200_000), at)
        print(path.name)
        return
    while action.startswith("together") and not (folder / "go").exists():
        time.sleep(0.001)
    with open_ledger(folder / LEDGER_FILE, create=True, busy_seconds=60, at=at) as ledger:
        if action in ("append", "together-same"):
            print(ledger.append_forecast(forecast(number), evidence(), at=at).id)
        elif action == "append-large":
            print(ledger.append_forecast(large_forecast(number), large_evidence(), at=at).id)
        elif action == "append-forever":
            while True:
                ledger.append_forecast(forecast(number), evidence())
                print(number, flush=True)
                number += 1
        elif action == "together-different":
            for each in range(number, number + 5):
                ledger.append_forecast(forecast(each, set_number=each), evidence(each), clock=lambda: datetime.now(UTC))
        elif action == "retract":
            print(ledger.retract("fc-", "S13 was coded twice", MADE_AT, at=at).id)
        elif action == "import":
            import_jsonl(ledger, folder / "theirs.jsonl", datetime.now(UTC), ["theirs"], at)
        elif action == "export":
            export_jsonl(ledger, folder / "ours.jsonl", at=at)


try:
    main()
except ForecastError as error:
    print(f"{type(error).__name__}: {error}")
    sys.exit(2)
