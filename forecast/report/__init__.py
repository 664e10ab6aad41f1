"""What readers see: charts, each from one specification."""
