"""Host programs: nothing in here runs on the device."""
