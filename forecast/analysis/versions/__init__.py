"""Model versions side by side: settings, answers, what each foresaw, and whether it fits."""
