"""Commands of the kernel for `sauda`; each module is loaded only when its command is called."""
