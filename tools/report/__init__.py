"""A recorded session as a page that stands alone: read (log.py), measured (measure.py), drawn (charts.py), written (page.py)."""
