"""One contract for all forges, run against each over its fake, and what is special about each."""
