"""The outside of the fiscal engine: wire format and sockets."""
