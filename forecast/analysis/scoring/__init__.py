"""What happened, and how good forecasts were: of the ledger, and anybody's in files."""
