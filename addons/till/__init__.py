"""The cashier screen: a program of the browser that sells over GraphQL and goes on without the server."""
