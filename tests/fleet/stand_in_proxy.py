"""Stands in for the fault proxy: passes connections on, and is ready."""

import asyncio
import contextlib
import json
import sys
from urllib.parse import urlsplit


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def main() -> None:
    config = json.loads(sys.stdin.readline())
    upstream = urlsplit(config["upstream"])

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(upstream.hostname, upstream.port)
        await asyncio.gather(pump(reader, back), pump(there, writer))

    async def ready(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    data = await asyncio.start_server(relay, "127.0.0.1", config["port"])
    control = await asyncio.start_server(ready, "127.0.0.1", 0)
    ports = [server.sockets[0].getsockname()[1] for server in (data, control)]
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    print(json.dumps({"url": urls[0], "control": urls[1]}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
