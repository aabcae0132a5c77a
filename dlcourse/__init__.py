"""Deep learning for images and language, checked by running code."""
