"""Programs on the host: example files, the pictures of the modes and the document."""
