"""Sample repositories, and the demo that lets pinbot loose on a copy of them."""
