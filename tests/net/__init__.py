"""The walls of `net/`: addresses, redirects, limits, retries, proxies, TLS."""
