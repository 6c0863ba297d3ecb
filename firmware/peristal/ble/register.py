"""The services as the stack is told them, once: their handles, names, formats, and what never changes."""

import struct

from bluetooth import UUID

from peristal.core import limits, protocol, services
from peristal.core.services import CHARACTERISTICS, NOTIFY, READ, WRITE, WRITE_FAST


def service_uuid():
    """Of the Peristal service, as advertised."""
    return bytes(UUID(services.UUID % 0))  # pyright: ignore[reportArgumentType]


def status_layout():
    """The struct format of Status."""
    return services.layout(services.STATUS_FIELDS)


def register(ble, model, version, net, longest_line):
    """Registers everything; returns the handles of the characteristics (by their number), and of the console: written, notified."""
    text, format = UUID(0x2901), UUID(0x2904)
    own = []
    for number, row in enumerate(CHARACTERISTICS):
        own.append((UUID(services.UUID % (number + 1)), row[2], ((text, READ), (format, READ))))
    console = services.CONSOLE_UUID
    handles = ble.gatts_register_services((
        (UUID(services.UUID % 0), tuple(own)),
        (UUID(0x180A), ((UUID(0x2A24), READ), (UUID(0x2A26), READ), (UUID(0x2A28), READ))),
        (UUID(console % 1), ((UUID(console % 2), WRITE | WRITE_FAST), (UUID(console % 3), NOTIFY))),
    ))  # fmt: skip
    write = ble.gatts_write
    values = [0] * (len(CHARACTERISTICS) + 1)
    for number, row in enumerate(CHARACTERISTICS):
        value, name, layout = handles[0][3 * number : 3 * number + 3]
        values[number + 1] = value
        # Longest command and one more: what is too long can be seen to be.
        ble.gatts_set_buffer(value, 20 if row[2] & READ and not row[2] & WRITE else protocol.LONGEST_COMMAND + 1)
        write(name, row[1].encode())
        write(layout, struct.pack("<BbHBH", row[3], -1 if number + 1 == protocol.PRESSURES else 0, row[4], 1, 0))
    write(values[protocol.FEATURES], struct.pack(
        services.layout(services.FEATURES_FIELDS), protocol.MAJOR, protocol.MINOR, net.n_legs, net.leg_zones[0],
        net.leg_zones[1] if net.n_legs > 1 else 0, limits.lowest("pressure_mmhg"), limits.highest("pressure_mmhg"),
        limits.CAP_MMHG, limits.lowest("minutes"), limits.highest("minutes"), protocol.MOST_HZ,
    ))  # fmt: skip
    write(values[protocol.LAST_RESULT], bytes((protocol.ANSWER, 0, protocol.SUCCESS)))
    revision = "%d.%d" % (protocol.MAJOR, protocol.MINOR)
    for handle, value in zip(handles[1], (model, version, revision)):
        write(handle, value.encode())
    ble.gatts_set_buffer(handles[2][0], longest_line + 1)
    return values, handles[2]
