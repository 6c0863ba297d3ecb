"""The air between simulated radios: Bumble's controller and link models, with what they do differently from a real radio put right."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from bumble import controller, core, hci, link, ll

LATENCY_S = 0.0075  # half a connection interval of 15 ms, each way
FAILED_S = 0.1  # a connection that the other side did not take
SUPERVISION_S = 2.0  # a link that went silent is given up after this


class Air(link.LocalLink):
    """Carries packets with a delay, in order. `cut(controller)` makes one fall silent: nothing to it or from it arrives any more."""

    def __init__(self, loop: asyncio.AbstractEventLoop, latency_s: float = LATENCY_S) -> None:
        super().__init__()
        self.controllers: dict[controller.Controller, None] = {}  # type: ignore[assignment]  # in the order in which they came
        self.loop = loop
        self.latency_s = latency_s
        self.silent: set[controller.Controller] = set()
        self._flying: deque[tuple[float, Callable[[], None]]] = deque()

    def add_controller(self, controller: controller.Controller) -> None:
        self.controllers[controller] = None

    def remove_controller(self, controller: controller.Controller) -> None:
        self.controllers.pop(controller, None)

    def _fly(self, arrive: Callable[[], None]) -> None:
        self._flying.append((self.loop.time() + self.latency_s, arrive))
        if len(self._flying) == 1:
            self.loop.call_later(self.latency_s, self._land)

    def _land(self) -> None:
        while self._flying and self._flying[0][0] <= self.loop.time() + 1e-9:
            self._flying.popleft()[1]()
        if self._flying:
            self.loop.call_at(self._flying[0][0], self._land)

    def _peer(self, sender: controller.Controller, peer: hci.Address) -> controller.Controller | None:
        """The other end of a link. Bumble's look-up by address alone would take the sender itself where an address is spoofed."""
        here = sender.le_connections.get(peer)
        if here is not None:
            for other in self.controllers:
                there = other.le_connections.get(here.self_address)
                if other is not sender and other not in self.silent and there is not None and there.self_address == peer:
                    return other
        return None

    def send_acl_data(
        self, sender_controller: controller.Controller, destination_address: hci.Address, transport: core.PhysicalTransport, data: bytes
    ) -> None:
        if sender_controller in self.silent:
            return
        own = sender_controller.le_connections[destination_address].self_address  # Bumble would name the random address always

        def arrive() -> None:
            other = self._peer(sender_controller, destination_address)
            if other is not None:
                other.on_link_acl_data(own, transport, data)

        self._fly(arrive)

    def send_ll_control_pdu(self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu) -> None:
        for other in self.controllers:
            found = other.le_connections.get(sender_address)
            if found is not None and found.self_address == receiver_address and other not in self.silent:
                self._fly(lambda other=other: other.on_ll_control_pdu(sender_address, packet))
                return

    def send_advertising_pdu(self, sender_controller: controller.Controller, packet: ll.AdvertisingPdu) -> None:
        if sender_controller not in self.silent:
            for other in list(self.controllers):
                if other is not sender_controller and other not in self.silent:
                    other.on_ll_advertising_pdu(packet)
            if isinstance(packet, ll.ConnectInd):  # somebody else may have been faster
                connection = sender_controller.le_connections.get(packet.advertiser_address)
                if connection is not None and self._end(sender_controller, connection) is None:
                    self.loop.call_later(FAILED_S, self._give_up, sender_controller, connection)

    def cut(self, gone: controller.Controller) -> None:
        """A radio without power, out of reach or in a bag: each side of its links finds out after the supervision timeout."""
        self.silent.add(gone)
        for here in list(self.controllers):
            for connection in list(here.le_connections.values()):
                ends = (here, self._end(here, connection))
                if gone in ends:
                    self.loop.call_later(SUPERVISION_S, self._give_up, here, connection)

    def _end(self, here: controller.Controller, connection: controller.Connection) -> controller.Controller | None:
        for other in self.controllers:
            found = other.le_connections.get(connection.self_address)
            if other is not here and found is not None and found.self_address == connection.peer_address:
                return other
        return None

    def back(self, controller: controller.Controller) -> None:
        """It can be heard again."""
        self.silent.discard(controller)

    @staticmethod
    def _give_up(here: controller.Controller, connection: controller.Connection) -> None:
        if here.le_connections.get(connection.peer_address) is connection:
            here.on_le_disconnected(connection, hci.HCI_CONNECTION_TIMEOUT_ERROR)


class Controller(controller.Controller):
    """A controller that advertises the old way, with a scan response of its own, as the ESP32 does."""

    le_features = controller.Controller.le_features & ~hci.LeFeatureMask.LE_EXTENDED_ADVERTISING
    supported_commands = controller.Controller.supported_commands - {hci.HCI_LE_SET_EXTENDED_ADVERTISING_PARAMETERS_COMMAND}
    le_acl_data_packet_length = 251

    def on_ll_control_pdu(self, sender_address: hci.Address, packet: ll.ControlPdu) -> None:
        """What is for a link that has just ended is nothing, and no error."""
        if sender_address in self.le_connections:
            super().on_ll_control_pdu(sender_address, packet)

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Gives up on who does not answer; Bumble's would say so and go on waiting."""
        wanted, self.pending_le_connection = self.pending_le_connection, None
        if wanted is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        self.send_hci_packet(
            hci.HCI_LE_Connection_Complete_Event(
                status=hci.HCI_UNKNOWN_CONNECTION_IDENTIFIER_ERROR, connection_handle=0, role=hci.Role.CENTRAL,
                peer_address_type=wanted.peer_address_type, peer_address=wanted.peer_address,
                connection_interval=0, peripheral_latency=0, supervision_timeout=0, central_clock_accuracy=0,
            )
        )  # fmt: skip
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_advertising_pdu(self, pdu: ll.AdvInd | ll.AdvExtInd) -> None:
        """Reports what is advertised and what is answered to a scan; Bumble's would give the first for both."""
        assert self.link is not None
        if self.le_scan_enable:
            sender = next((one for one in self.link.controllers if one.le_legacy_advertiser.address == pdu.advertiser_address), None)
            answer = sender.le_legacy_advertiser.scan_response_data if sender is not None else b""
            kind = hci.HCI_LE_Advertising_Report_Event.EventType
            for event_type, data in ((kind.ADV_IND, pdu.data), (kind.SCAN_RSP, answer)):
                report = hci.HCI_LE_Advertising_Report_Event.Report(
                    event_type=event_type, address_type=pdu.advertiser_address.address_type, address=pdu.advertiser_address,
                    data=data, rssi=-50,
                )  # fmt: skip
                self.send_hci_packet(hci.HCI_LE_Advertising_Report_Event([report]))
        wanted = self.pending_le_connection
        if wanted is not None and wanted.peer_address == pdu.advertiser_address:
            self.create_le_connection(pdu.advertiser_address)
