"""Card acquiring: terminals, keys, payments, reversals, settlement, statements."""
