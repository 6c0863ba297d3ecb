"""What survives a power cut: temp file, then rename, checksum, last good kept."""
