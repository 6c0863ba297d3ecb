"""Boards that were built in Python run on the simulated chip as if a builder had written them."""

import pytest

from tools.bench.plants import TOPOLOGIES, bench_plant
from tools.simulator import boards
from tools.simulator.board_text import text_of
from tools.simulator.rig import Rig


def rebuilt(board):
    scope = {}
    exec(text_of(board), scope)
    return scope["BOARD"]


@pytest.mark.parametrize("name", boards.names())
def test_the_text_builds_the_same_board(name):
    board = boards.load(name)
    again = rebuilt(board)
    assert text_of(again) == text_of(board)
    assert [vars(part) for _, part in again.valves() + again.sensors()] == [vars(part) for _, part in board.valves() + board.sensors()]
    assert (vars(again.pump), vars(again.supply), vars(again.panel)) == (vars(board.pump), vars(board.supply), vars(board.panel))


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_a_random_board_starts_up_on_the_chip(topology):
    bench = bench_plant(4100, topology)
    rig = Rig(bench.board, plant=bench.params)
    rig.run_until(1.0)
    assert rig.state == "idle"
    assert rig.app.net.board.name == bench.board.name
