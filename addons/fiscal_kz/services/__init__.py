"""What the fiscal engine does inside a transaction: one verb per file; the domain decides, these perform."""
