"""Results as text: one file per form. Pure: values in, strings out."""
