"""The campaigns, by name: a later one is a module here and a line in this tuple."""

from host_tests.campaigns import ble_writes, crash_moments, faults, healthy, power_cuts
from host_tests.campaigns.shape import Campaign

CAMPAIGNS: tuple[Campaign, ...] = (crash_moments.CAMPAIGN, faults.CAMPAIGN, healthy.CAMPAIGN, power_cuts.CAMPAIGN, ble_writes.CAMPAIGN)
