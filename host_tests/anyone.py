"""A wearer without wishes, where a test asks what a program does and not what somebody makes of it."""


class Anyone:
    """What the sequencer asks a wearer for."""

    pace_permille = 1000

    def zone_pa(self, zone: int, asked_pa: int) -> int:
        """What this zone gets where the program asks for so much: just that."""
        return asked_pa
