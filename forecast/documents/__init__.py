"""The JSON documents that commands print, one module for each: stable keys, to which later versions may add."""
