"""The panel: one static page (page/), and the server that gives it a simulated pair."""
