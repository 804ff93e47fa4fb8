"""What a file of the repository is: exact text, findings in it, and remarks addressed to pinbot. Pure."""
