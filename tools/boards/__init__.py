"""Board files on the host: check against chip and physics, documents, new boards."""
