"""Why a number is what it is, why it moved, and what it would be under suppositions."""
