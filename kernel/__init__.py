"""The kernel: everything Sauda needs that knows no business. It imports no add-on, gateway or worker."""
