"""`fikad run`: the daemon itself."""

from __future__ import annotations

from daemon.cli.options import Paths, command


@command("run", help="Keep running; read, settle and propose when it is due (the daemon).")
def run_command(paths: Paths) -> int:
    """Exit code: 0 when told to end, 10 when the config has mistakes, 13 when another daemon serves
    this state."""
    from daemon.service.loop import serve

    return serve(paths.config, paths.state)
