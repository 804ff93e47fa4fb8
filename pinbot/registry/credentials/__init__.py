"""Where logins come from: one file per source, each with a constant SOURCE; the first answer wins."""
