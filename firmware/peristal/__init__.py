"""Peristal: open firmware for pneumatic compression boots."""

VERSION = "0.1.0"
