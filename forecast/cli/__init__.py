"""The command line: annotated options, one call, one output."""
