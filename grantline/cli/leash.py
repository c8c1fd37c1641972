"""Run as a script: become a program that dies with whoever started it.

    python -I leash.py PARENT_PID PROGRAM ARGUMENT…

`grantline up` ends its children itself; this is for when it is killed and
cannot. Only Linux knows how; elsewhere the program just runs.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <sys/prctl.h>


def main() -> None:
    """Ask the kernel for the end, then become the program, which inherits the wish."""
    parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(parent):
        # It died before the kernel knew of our wish.
        sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - to become it is the point


if __name__ == "__main__":
    main()
