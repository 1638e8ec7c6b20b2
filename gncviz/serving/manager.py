"""Kernels as copies of a prototype, in the server's process; see :mod:`.prototype`.

To be named to the server: ``MultiKernelManager.kernel_manager_class``. Where systems cannot copy
processes, or the prototype is gone, kernels are started as they always are.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_server.services.kernels.kernelmanager import ServerKernelManager

from gncviz.serving.prototype import READY, Request

#: The module that kernels run, as the specification of Python's kernel has it.
_MODULE = "ipykernel_launcher"
_COMMAND = [sys.executable, "-m", "gncviz.serving.prototype"]
#: How many kernels are not kept waiting for the prototype: one that the server makes ahead, and the
#: first visitor's. Seconds until it begins to import, for that page comes first.
_FIRST, _LATER = 2, 5.0
#: Seconds that a visitor waits for a prototype that is not ready yet. It takes four where nothing
#: else is to be done, and a quarter of a minute more where everything is to be compiled.
_PATIENCE = 20.0


class Copy:
    """The process of a copy, for those who expect a :class:`subprocess.Popen`.

    Its parent is the prototype, so that how it ended is not known here: only that it did.

    Args:
        pid: its number.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._ended = select.poll()
        self._handle: int | None = None
        # It may have ended already.
        with contextlib.suppress(ProcessLookupError):
            self._handle = os.pidfd_open(pid)
            self._ended.register(self._handle, select.POLLIN)

    def poll(self) -> int | None:
        """None while it is there, 0 afterwards."""
        return self.wait(0.0)

    def wait(self, timeout: float | None = None) -> int | None:
        """The same after so many seconds at most, or as soon as it is over."""
        if self._handle is None or self._ended.poll(None if timeout is None else 1000 * timeout):
            return 0
        return None

    def send_signal(self, number: int) -> None:
        """Sends a signal, unless it is over."""
        if self._handle is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)

    def terminate(self) -> None:
        """Asks it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it."""
        self.send_signal(signal.SIGKILL)

    def __del__(self) -> None:
        if self._handle is not None:
            os.close(self._handle)


class Prototype:
    """A prototype's process, started after the first copy has been asked for."""

    def __init__(self) -> None:
        self._asking = asyncio.Lock()
        self._asked = 0
        self._ready: asyncio.Task[bool] | None = None

    async def copy(self, request: Request) -> Copy | None:
        """A copy; None where there is no prototype, or not yet.

        Args:
            request: what the copy is to be.
        """
        self._asked += 1
        if self._ready is None:
            self._ready = asyncio.create_task(self._start())
        if self._asked <= _FIRST and not self._ready.done():
            return None
        with contextlib.suppress(TimeoutError, OSError):
            if await asyncio.wait_for(asyncio.shield(self._ready), _PATIENCE):
                # To the end in any case: the next answer is for the next one who asks.
                return await asyncio.shield(self._ask(request))
        return None

    async def _start(self) -> bool:
        """Starts the process, and waits until it is ready; whether it ever is."""
        await asyncio.sleep(_LATER)
        ours, theirs = socket.socketpair()
        with theirs:
            pipe = theirs.fileno()
            self._process = subprocess.Popen(_COMMAND, stdin=pipe, start_new_session=True)
        self._answers, self._requests = await asyncio.open_connection(sock=ours)
        return (await self._answers.readline()).decode().strip() == READY

    async def _ask(self, request: Request) -> Copy | None:
        async with self._asking:
            self._requests.write(request.line().encode())
            answer = await self._answers.readline()
        return Copy(int(answer)) if answer.strip() else None


class CopyingKernelManager(ServerKernelManager):
    """Makes the kernel a copy of the prototype, where it would be an ordinary one."""

    prototype = Prototype()

    async def _async_launch_kernel(self, kernel_cmd: list[str], **options: Any) -> None:
        local, copy = self.provisioner, None
        ordinary = kernel_cmd[:3] == [sys.executable, "-m", _MODULE]
        if ordinary and type(local) is LocalProvisioner and _can_copy():
            folder = str(options.get("cwd") or os.getcwd())
            request = Request(_MODULE, kernel_cmd[3:], options["env"], folder)
            copy = await self.prototype.copy(request)
        if copy is None:
            await super()._async_launch_kernel(kernel_cmd, **options)
            return
        provisioner: Any = local
        provisioner.process, provisioner.cwd = copy, folder
        provisioner.pid = provisioner.pgid = copy.pid
        self._reconcile_connection_info(provisioner.connection_info)


def _can_copy() -> bool:
    """Whether processes can be copied here, and be followed though they are not one's own."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")
