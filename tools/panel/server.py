"""The page over HTTP, and its packets over a WebSocket."""

from __future__ import annotations

import asyncio
import json
import mimetypes
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tools.panel.guest import Guest, Phones
from tools.panel.hands import Hands

PAGE = Path(__file__).with_name("page")
SOCKET = "/gatt"
MARK = b'name="simulator" content=""'  # in index.html; filled in here, so that the page knows that there is a pair
LONGEST_MESSAGE = 4096
TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json", ".svg": "image/svg+xml"}
POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"


class Server:
    """serve(ready) runs until the task is cancelled; ready(port) is called when it listens. OSError when the port cannot be had."""

    def __init__(self, phones: Phones, hands: Hands, host: str, port: int) -> None:
        self._phones = phones
        self._hands = hands
        self._host = host
        self._port = port

    async def serve(self, ready: Callable[[int], None]) -> None:
        """Serves."""
        async with serve(self._talk, self._host, self._port, process_request=_page, max_size=LONGEST_MESSAGE) as server:
            ready(next(iter(server.sockets)).getsockname()[1])
            await asyncio.Future()

    async def _talk(self, socket: ServerConnection) -> None:
        outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        guest = Guest(self._phones, self._hands, outgoing.put_nowait)

        async def send() -> None:
            while True:
                await socket.send(json.dumps(await outgoing.get()))

        tasks = {asyncio.create_task(send())}
        try:
            async for text in socket:
                task = asyncio.create_task(guest.take(_parsed(text)))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
        except ConnectionClosed:
            pass
        finally:
            for task in tasks:
                task.cancel()
            await guest.leave()


def _page(connection: ServerConnection, request: Request) -> Response | None:
    """A file of the page; None for what is a WebSocket, from a page of ours."""
    path = request.path.partition("?")[0]
    if path == SOCKET:
        origin = request.headers.get("Origin", "")
        if origin and origin.partition("://")[2] != request.headers.get("Host"):
            return connection.respond(HTTPStatus.FORBIDDEN, "not from another site\n")
        return None
    file = (PAGE / (path.lstrip("/") or "index.html")).resolve()
    if not (file.is_relative_to(PAGE) and file.is_file()):
        return connection.respond(HTTPStatus.NOT_FOUND, "not there\n")
    body = file.read_bytes()
    if file.name == "index.html":
        body = body.replace(MARK, f'name="simulator" content="{SOCKET[1:]}"'.encode())
    kind = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    headers = Headers({"Content-Type": kind, "Content-Length": str(len(body)), "Cache-Control": "no-cache", "Connection": "close"})
    headers["Content-Security-Policy"] = POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    return Response(200, "OK", headers, body)


def _parsed(text: str | bytes) -> dict[str, Any]:
    """A message, or an empty one that is answered with an error."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}
