"""What should change, and why: pure functions from findings and facts to changes, patches and problems."""
