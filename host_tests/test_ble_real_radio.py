"""`make run ARGS="--radio ..."`: the pair on a controller at the other end of a socket, and a phone beside it, in real time."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from bumble import hci
from bumble.transport.tcp_server import open_tcp_server_transport_with_socket

from host_tests.ble_client import UUID, Client, decode
from tools.simulator import options
from tools.simulator.air import Air, Controller

ROOT = Path(__file__).resolve().parents[1]


def start(transport, folder):
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'firmware'}"}
    files = ["--csv", str(folder / "s.csv"), "--png", str(folder / "s.png")]
    command = [sys.executable, "-m", "tools.simulator", "--radio", transport, *files]
    return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_a_phone_finds_it_reads_it_and_ctrl_c_ends_it(tmp_path):
    async def go():
        loop = asyncio.get_running_loop()
        air = Air(loop, 0.001)
        controller = Controller("dongle", link=air, public_address=hci.Address("24:A1:60:C0:FF:F0/P"))
        listening = socket.create_server(("127.0.0.1", 0))
        transport = await open_tcp_server_transport_with_socket(listening)
        transport.source.set_packet_sink(controller)
        controller.host = transport.sink
        running = start(f"tcp-client:127.0.0.1:{listening.getsockname()[1]}", tmp_path)
        try:
            client = Client(SimpleNamespace(loop=loop, air=air))  # pyright: ignore[reportArgumentType]
            address, name = None, ""
            for _ in range(20):
                try:
                    address, name = await client.find(0.5)
                    break
                except AssertionError:
                    continue
            assert name == "Peristal"
            await client.connect(address)
            await client.discover()
            features = decode("Features", await client.read(UUID["Features"]))
            assert features["zones_leg_1"] == 4
            await client.write(UUID["Stop"], b"\0")
            assert (await client.status())["state"] == "idle"
            await client.disconnect()
        finally:
            running.send_signal(signal.SIGINT)
            said, _ = await loop.run_in_executor(None, running.communicate)
        assert running.returncode == 130 and "for the first minute" in said.lower(), said
        await transport.close()

    asyncio.run(asyncio.wait_for(go(), 60))


@pytest.mark.parametrize("arguments, says", [
    (["--radio", "usb:0", "--speed", "5"], "with --radio only 1 is allowed"),
    (["--radio", "carrier-pigeon"], "'carrier-pigeon' cannot be opened: unknown transport scheme"),
])  # fmt: skip
def test_what_cannot_be_is_said_in_one_line(arguments, says, capsys):
    from tools.simulator.__main__ import main

    try:
        status = main(arguments)
    except SystemExit as left:
        status = left.code
    assert status == options.USAGE_ERROR and says in capsys.readouterr().err
