"""What `pinbot doctor` found out, and what is to be thought of it: facts that edges gather, judged by pure code."""
