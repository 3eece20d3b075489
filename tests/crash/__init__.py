"""Power cuts at every boundary of a sale; afterwards both ledgers tell one story."""
