"""The gateway: GraphQL over HTTP and WebSocket, pages, health and figures. It meets add-ons only through the
registry.
"""
