"""khal, imported once: a process that forks for each command which it is told on its input, and
answers how that ended. What khal costs to start would be paid for each of a hundred gestures."""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import Any


def _become_khal(request: dict[str, Any]) -> int:
    from khal.cli import main_khal  # type: ignore[import-untyped]

    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    given = os.open("keys", os.O_RDONLY)
    shown = os.open("shown", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for number, file in enumerate((given, shown, shown)):
        os.dup2(file, number)
    sys.stdin = os.fdopen(os.dup(0), encoding="utf-8")
    sys.argv = ["khal", *request["arguments"]]
    try:
        main_khal()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception:  # noqa: BLE001 - whatever it is, it is shown
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    import khal.cli  # type: ignore[import-untyped]  # noqa: F401 - what takes long

    for line in sys.stdin:
        if not (pid := os.fork()):
            code = _become_khal(json.loads(line))
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
