"""The campaigns, by name: a later one is a module here and a line in this tuple."""

from host_tests.campaigns import (
    ble_writes,
    crash_moments,
    faults,
    healthy,
    modes,
    modifiers,
    power_cuts,
    programs,
    replays,
    sequences,
    soak,
    wishes,
)
from host_tests.campaigns.shape import Campaign

CAMPAIGNS: tuple[Campaign, ...] = (
    crash_moments.CAMPAIGN,
    ble_writes.CAMPAIGN,
    faults.CAMPAIGN,
    healthy.CAMPAIGN,
    modes.CAMPAIGN,
    modifiers.CAMPAIGN,
    power_cuts.CAMPAIGN,
    programs.CAMPAIGN,
    replays.CAMPAIGN,
    sequences.CAMPAIGN,
    soak.CAMPAIGN,
    wishes.CAMPAIGN,
)
