"""What analysts wrote: schema, files with line numbers, dates, checks."""
