"""Papers and the ways they are printed. What a paper says is the business of add-ons."""
