"""A worker at work, as the daemon sees it: started, listened to, given a limit, and ended with all
it started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from connectors.trace import tracing
from daemon.service.job import LIMIT_SECONDS, Job, Result, result_from

_KEPT_BACK = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "TZ")
"""Of the daemon alone. The worker's time zone is the one the daemon was started with."""
_MOST_BYTES = 8 << 20
_PIPE_HOLDS = 60_000
"""So many bytes go into a pipe without waiting for its reader. Access tokens of a great many
accounts may be more: then they are asked for again."""
_GRACE_SECONDS = 2.0
"""How long a worker that was told to end may take to end what it started."""
_BOOTSTRAP = (
    "import sys; sys.path.append(sys.argv.pop()); from daemon.service.worker import main; main()"
)


def _line(job: Job) -> bytes:
    return json.dumps(job.as_json()).encode() + b"\n"


class Child:
    """One worker process on one job. `fileno` is to be waited on for reading, `read` then
    called."""

    def __init__(self, job: Job, zone: str | None, awake_seconds: float) -> None:
        """Start it. `zone` is $TZ as the daemon was started with. Raises OSError when there is no
        process to be had."""
        environment = {name: value for name, value in os.environ.items() if name not in _KEPT_BACK}
        if zone is not None:
            environment["TZ"] = zone
        self.job = job
        self.started = awake_seconds
        self._told_to_end: float | None = None
        self._answer = bytearray()
        # What libraries print may quote strangers, so their stderr goes nowhere; what fikad shows
        # of its own goes the daemon's way.
        shown = (os.dup(sys.stderr.fileno()),) if tracing() else ()
        job = replace(job, trace=shown[0] if shown else None)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no words from outside
                # -P: no package of the folder that the daemon happens to run in is taken for ours.
                [sys.executable, "-P", "-c", _BOOTSTRAP, str(Path(__file__).parents[2])],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=shown,
                stderr=None if os.environ.get("FIKAD_DEBUG") else subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
                bufsize=0,
            )
        finally:
            for descriptor in shown:
                os.close(descriptor)
        os.set_blocking(self.fileno(), False)
        line = _line(job)
        if len(line) > _PIPE_HOLDS:
            line = _line(replace(job, sessions={}))
        with suppress(BrokenPipeError):
            os.write(self._stdin(), line)

    def fileno(self) -> int:
        """The descriptor its answer comes from."""
        if self._process.stdout is None:
            raise ValueError("a worker without a pipe")
        return self._process.stdout.fileno()

    def _stdin(self) -> int:
        if self._process.stdin is None:
            raise ValueError("a worker without a pipe")
        return self._process.stdin.fileno()

    def read(self) -> bool:
        """Take what it has said since; whether more may come."""
        with suppress(BlockingIOError):
            while piece := os.read(self.fileno(), 1 << 16):
                if len(self._answer) < _MOST_BYTES:
                    self._answer += piece
            return False
        return True

    def ended(self) -> bool:
        """Whether it has ended; nothing that it started is left then."""
        if self._process.returncode is None:
            if self._process.poll() is None:
                return False
            self._kill()
            self.read()
        return True

    def deadline(self) -> float:
        """When it is to be told to end, and once it was, when it is killed (awake seconds)."""
        if self._told_to_end is not None:
            return self._told_to_end + _GRACE_SECONDS
        return self.started + LIMIT_SECONDS[self.job.kind]

    def enforce(self, awake_seconds: float) -> None:
        """End it if its time is up: first by a word, then by force."""
        if awake_seconds < self.deadline():
            return
        if self._told_to_end is None:
            self.end(awake_seconds)
        else:
            self._kill()

    def end(self, awake_seconds: float) -> None:
        """Tell it to end."""
        if self._told_to_end is None and not self.ended():
            self._told_to_end = awake_seconds
            self._process.terminate()

    def _kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def result(self) -> Result:
        """What came of the job, once it has ended."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        if self._told_to_end is not None:
            limit = LIMIT_SECONDS[self.job.kind] / 60
            return Result("ended", f"it took longer than {limit:.0f} minutes and was ended")
        try:
            return result_from(json.loads(self._answer))
        except (ValueError, KeyError, TypeError):
            return Result(
                "ended", f"its process ended without a result (status {self._process.returncode})"
            )
