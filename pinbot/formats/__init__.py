"""Where references hide: one file per format, each with one constant `FORMAT`. Pure: bytes in, values out."""
