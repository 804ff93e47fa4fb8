"""Every outgoing byte of ours: checked addresses, redirects by hand, limits on bytes and time, retry classes.

The public things are `Client` (client.py) and the values that it takes; nobody else speaks HTTP.
"""
