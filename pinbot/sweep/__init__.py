"""One pass over the repositories of a forge, told with the doors of `ports` and the pure rooms below."""
