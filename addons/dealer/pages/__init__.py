"""Pages of dealer: the statement of a month."""
