"""Which coils the jobs energise: the one place that knows what a manifold's and an independent board's valves do.

With every coil off all zones are open to the air; a zone is kept by energising.
"""

NO_JOB, FILL, RELEASE, RELIEVE = range(4)
IDLE, CLOSING, OPENING, DRIVING, SETTLING = range(5)


def write(net, wish, jobs, target_pa):
    """Writes the coils of all jobs."""
    if net.independent:
        _write_independent(net, wish.coil, jobs, target_pa)
    else:
        _write_manifold(net, wish.coil, jobs[0])


def _write_manifold(net, coil, job):
    """All zones and the vent are closed (energised) except the job's zone, and the vent while air is let out."""
    for valve in range(net.n_valves):
        coil[valve] = 1
    if job.stage >= OPENING:
        coil[net.fill_valve[job.zone]] = 0
    if job.kind == RELEASE or (job.kind == RELIEVE and job.stage == DRIVING):
        coil[net.vent_valve] = 0


def _write_independent(net, coil, jobs, target_pa):
    """A zone that should have pressure keeps its exhaust closed (energised); only filling zones' inlets are open.

    A zone that has its pressure closes its inlet at once when the pump goes on for others; the last one stays open while it coasts.
    """
    for zone in net.each_zone:
        coil[net.fill_valve[zone]] = 0
        coil[net.exhaust_valve[zone]] = 1 if target_pa[zone] else 0
    for job in jobs:
        if job.kind == FILL and job.stage >= OPENING and not job.closed:
            coil[net.fill_valve[job.zone]] = 1
        elif job.kind == RELIEVE and job.stage == DRIVING:
            coil[net.exhaust_valve[job.zone]] = 0
