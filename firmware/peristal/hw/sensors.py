"""Reads the pressure sensors: which ones this tick and how often is the core's plan, what a reading means too."""

from array import array
from time import sleep_us

from machine import ADC, Pin

from peristal.core.sensing import median_mean16


class Sensors:
    """read() fills sensing with filtered readings; a failed read counts as 0 mV, which is never a pressure."""

    def __init__(self, net, sensing):
        board = net.board
        self._sensing = sensing
        self._mux_us = board.mux.settle_us if board.mux else 0
        self._select = [Pin(pin, Pin.OUT, value=0) for pin in board.mux.select_pins] if board.mux else []
        shared = ADC(Pin(board.mux.pin), atten=ADC.ATTN_11DB) if board.mux else None
        self._adc = [shared if sensor.pin is None else ADC(Pin(sensor.pin), atten=ADC.ATTN_11DB) for sensor in net.sensors]
        self._channel = bytes([255 if sensor.mux_channel is None else sensor.mux_channel for sensor in net.sensors])
        self._samples = array("i", [0] * 32)

    def read(self, elapsed_ms, busy_sensor):
        """Reads this tick's share of the sensors (at most 32 reads)."""
        sensing = self._sensing
        sensing.make_plan(busy_sensor)
        sensing.grow_older(elapsed_ms)
        for slot in range(sensing.plan_length):
            self._read_one(sensing.plan_sensor[slot], sensing.plan_reads[slot])

    def _read_one(self, sensor, count):
        if self._channel[sensor] != 255:
            self._choose(self._channel[sensor])
        samples = self._samples
        adc = self._adc[sensor]  # not its bound method: that would be 16 bytes on the heap in every tick
        for index in range(count):
            try:
                samples[index] = adc.read_uv() // 1000
            except OSError:
                samples[index] = 0
        self._sensing.take(sensor, median_mean16(samples, count))

    def _choose(self, channel):
        for bit in range(len(self._select)):
            self._select[bit].value(channel >> bit & 1)
        sleep_us(self._mux_us)
