"""A board over SSH for tests: an SSH server in this process whose commands are processes with a home of their own."""

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import paramiko
import pytest

from layerswitch.boards import ssh
from layerswitch.boards.registry import BoardEntry
from layerswitch.boards.ssh import known_hosts

SCRIPTED = Path(__file__).parents[1]
HOST_KEY = paramiko.ECDSAKey.generate()


class Files(paramiko.SFTPServerInterface):
    """The files of this computer, over SFTP."""

    def __init__(self, server, *args, **kwargs):
        super().__init__(server, *args, **kwargs)
        self.server = server.owner

    def open(self, path, flags, attr):
        if self.server.full:
            return paramiko.SFTPServer.convert_errno(28)
        try:
            handle = os.open(path, flags, 0o600)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        self.server.uploads.append(path)
        file = os.fdopen(handle, "wb" if flags & os.O_WRONLY else "rb")
        found = paramiko.SFTPHandle(flags)
        found.filename, found.readfile, found.writefile = path, file, file
        return found

    def _do(self, function, *args):
        try:
            function(*args)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        return paramiko.SFTP_OK

    def posix_rename(self, old, new):
        return self._do(os.replace, old, new)

    def remove(self, path):
        return self._do(os.unlink, path)

    def chattr(self, path, attr):
        return self._do(os.chmod, path, attr.st_mode & 0o777)


class Session(paramiko.ServerInterface):
    """What one client may do."""

    def __init__(self, owner):
        self.owner = owner

    def get_allowed_auths(self, username):
        return ",".join(self.owner.ways)

    def check_auth_password(self, username, password):
        self.owner.asked.append("password")
        if self.owner.starting:  # as systems do that let nobody in before they are up
            self.owner.starting -= 1
            self.owner.hang_up()
            return paramiko.AUTH_FAILED
        right = username == "anna" and password == self.owner.password
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username, key):
        self.owner.asked.append(f"publickey {key.get_name()}")
        right = username == "anna" and key.get_base64() in self.owner.keys
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_auth_interactive(self, username, submethods):
        self.owner.asked.append("keyboard-interactive")
        return paramiko.InteractiveQuery("Two factors", "Look at your phone", ("Password: ", False), ("Code: ", True))

    def check_auth_interactive_response(self, responses):
        self.owner.answers.append(list(responses))
        right = list(responses) == [self.owner.password, "123456"]
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, number):
        return paramiko.OPEN_SUCCEEDED

    def check_channel_direct_tcpip_request(self, number, origin, destination):
        self.owner.jumps.append(destination)
        try:
            sock = socket.create_connection(destination, 5)
        except OSError:
            return paramiko.OPEN_FAILED_CONNECT_FAILED
        threading.Thread(target=self.owner.tunnel, args=(number, sock)).start()
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel, command):
        self.owner.commands.append(command.decode())
        self.owner.run(channel, command.decode())
        return True


class Server:
    """Listens until it is closed. `home` is the home folder of its user anna."""

    def __init__(self, home, address="127.0.0.1"):
        self.home, self.password, self.keys, self.ways = home, "s3cret", set(), ["publickey", "password"]
        self.asked, self.commands, self.uploads, self.jumps, self.pids = [], [], [], [], []
        self.scripted, self.answers = SCRIPTED, []
        self.environment, self.key, self.full, self.sftp = {}, HOST_KEY, False, True
        self.transports, self.processes, self.threads, self.sockets = [], [], [], []
        self.address, self.port, self.starting, self.isolated = address, 0, 0, False
        self.power_on()

    def power_on(self):
        """Listen, at the same port as before."""
        self.socket = socket.create_server((self.address, self.port))
        self.port = self.socket.getsockname()[1]
        self.listener = threading.Thread(target=self._listen)
        self.listener.start()

    def power_off(self):
        """What a machine does that loses its power: nothing listens, nothing runs, and nobody is told how it ended."""
        with contextlib.suppress(OSError, EOFError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.listener.join(30)
        self.hang_up()
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                if process.returncode is None:
                    os.killpg(process.pid, signal.SIGKILL)

    def _listen(self):
        while True:
            try:
                sock, _ = self.socket.accept()
            except OSError:
                return
            self.sockets.append(sock)
            transport = paramiko.Transport(sock)
            transport.add_server_key(self.key)
            if self.sftp:
                transport.set_subsystem_handler("sftp", paramiko.SFTPServer, Files)
            self.transports.append(transport)
            with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
                transport.start_server(server=Session(self), event=threading.Event())

    def run(self, channel, command):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "PYTHONPATH": str(SCRIPTED),
            **self.environment,
        }
        if not self.isolated:  # the tests' engine, and their clocks, come by PYTHONPATH
            command = command.replace(" -E ", " ", 1)
        process = subprocess.Popen(
            ["/bin/sh", "-c", command],
            stdin=-1,
            stdout=-1,
            stderr=-1,
            env=environment,
            cwd=self.home,
            start_new_session=True,
        )
        self.processes.append(process)
        self.pids.append(process.pid)
        for target, args in (
            (self._in, (channel, process)),
            (self._out, (process.stdout, channel.sendall)),
            (self._out, (process.stderr, channel.sendall_stderr)),
        ):
            thread = threading.Thread(target=target, args=args)
            thread.start()
            self.threads.append(thread)
        thread = threading.Thread(target=self._end, args=(channel, process, self.threads[-2:]))
        thread.start()
        self.threads.append(thread)

    def _in(self, channel, process):
        with contextlib.suppress(OSError, EOFError), process.stdin:
            while piece := channel.recv(1 << 15):
                process.stdin.write(piece)
                process.stdin.flush()

    def _out(self, stream, send):
        with stream, contextlib.suppress(OSError, EOFError):
            while piece := os.read(stream.fileno(), 1 << 15):
                send(piece)

    def _end(self, channel, process, outputs):
        code = process.wait()
        for thread in outputs:
            thread.join()
        time.sleep(0.1)  # the answer to the request for the command goes out before its end
        with contextlib.suppress(OSError, EOFError):  # the link may be cut by now
            channel.send_exit_status(code if code >= 0 else 128 - code)
            channel.close()

    def tunnel(self, number, sock):
        transport = self.transports[-1]
        while (channel := next((one for one in transport._channels.values() if one.chanid == number), None)) is None:
            pass
        self.sockets.append(sock)

        def back():
            with contextlib.suppress(OSError, EOFError):
                while piece := sock.recv(1 << 15):
                    channel.sendall(piece)
                channel.close()

        thread = threading.Thread(target=back)
        thread.start()
        self.threads.append(thread)
        with contextlib.suppress(OSError, EOFError):
            while piece := channel.recv(1 << 15):
                sock.sendall(piece)
        with contextlib.suppress(OSError, EOFError):
            sock.shutdown(socket.SHUT_RDWR)

    @property
    def connected(self):
        return any(transport.is_active() for transport in self.transports)

    def left(self):
        """Whether every client is gone; the server notices a moment after the client has hung up."""
        end = time.monotonic() + 20
        while self.connected and time.monotonic() < end:
            time.sleep(0.02)
        return not self.connected

    def hang_up(self):
        """Break every connection, as a network or a server does."""
        for transport in self.transports:
            transport.packetizer.complete_handshake()  # or a timer of paramiko's waits for its end
            transport.close()

    def close(self):
        self.power_off()
        for process in self.processes:
            process.wait(30)
        for sock in self.sockets:
            with contextlib.suppress(OSError, EOFError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in [*self.threads, *self.transports]:
            thread.join(30)


class Person:
    """Answers as told, and remembers what was asked."""

    def __init__(self):
        self.accepts, self.passwords, self.answers = True, ["s3cret"], [["s3cret", "123456"]]
        self.asked, self.threads, self.told = [], set(), []

    def _ask(self, *question):
        self.asked.append(question)
        self.threads.add(threading.current_thread())

    def accept_host_key(self, host, kind, fingerprint):
        self._ask("host key", host, kind, fingerprint)
        return self.accepts

    def password(self, prompt):
        self._ask("password", prompt)
        return self.passwords.pop(0) if self.passwords else None

    def keyboard_interactive(self, who, title, instructions, prompts):
        self._ask("interactive", who, title, instructions, tuple(tuple(one) for one in prompts))
        return self.answers.pop(0) if self.answers else None

    def tell(self, text):
        self.told.append(text)


@pytest.fixture(autouse=True)
def client_home(tmp_path, monkeypatch):
    """A home of the client's own: no key, agent or known host of whoever runs the tests is seen."""
    home = tmp_path / "client"
    (home / ".ssh").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setattr(known_hosts, "files", lambda: (known_hosts.own_file(), home / ".ssh" / "known_hosts"))
    return home


@pytest.fixture
def make_server(tmp_path):
    """make_server(address) -> another running Server; all are closed at the end."""
    running = []

    def make(address="127.0.0.1"):
        home = tmp_path / f"board-{len(running)}"
        home.mkdir()
        running.append(Server(home, address))
        return running[-1]

    yield make
    for one in running:
        one.close()


@pytest.fixture
def server(make_server):
    """A running Server."""
    return make_server()


@pytest.fixture
def person():
    """Somebody who accepts the machine and knows anna's password."""
    return Person()


@pytest.fixture
def entry_of(tmp_path):
    """entry_of(server, **fields) -> a BoardEntry for it, of user anna, with a simulated engine."""

    def make(server, **fields):
        known = {"user": "anna", "python": sys.executable, "host": "127.0.0.1", "port": server.port, **fields}
        return BoardEntry("own:desk", "Desk", "simulated", "ssh", **known)

    return make


@pytest.fixture
def key_file(tmp_path, server):
    """key_file(passphrase=None) -> a key's path that the server lets in."""

    def make(passphrase=None, let_in=True):
        key = paramiko.ECDSAKey.generate()
        path = tmp_path / f"key {len(server.keys)} $(x)"
        key.write_private_key_file(str(path), passphrase)
        if let_in:
            server.keys.add(key.get_base64())
        return path

    return make


@pytest.fixture
def scripted():
    """scripted(person, *arguments) -> connect(entry), which is as boards.ssh.connect, with the scripted engine."""

    def make(ask, *more):
        def connect(entry):
            login = ssh.log_in(entry, ask)
            try:
                return ssh.start(login, entry, ("--engine", "scripted_engine:Scripted", *more))
            except BaseException:
                login.close()
                raise

        return connect

    return make


@pytest.fixture
def words():
    """Splits a command as the board's shell does."""
    return shlex.split
