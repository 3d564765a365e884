"""ProxyCommand: a program of the person's whose input and output are the way to a machine."""

import contextlib
import socket
import subprocess

END_SECONDS = 2.0


class ProxySocket(socket.socket):
    """One end of a pair of sockets; the program has the other. Closing it ends the program."""

    def __init__(self, command: str) -> None:
        """Run `command` in a shell, as OpenSSH does. Raises OSError."""
        ours, theirs = socket.socketpair()
        super().__init__(fileno=ours.detach())
        with theirs:
            # a session of its own: Ctrl-C in the terminal is for the app
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", f"exec {command}"],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def close(self) -> None:
        """Close, and end the program."""
        with contextlib.suppress(OSError):
            self.shutdown(socket.SHUT_RDWR)
        super().close()
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
