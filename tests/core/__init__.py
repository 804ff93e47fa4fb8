"""Tables for the pure rooms: oci, source and planning."""
