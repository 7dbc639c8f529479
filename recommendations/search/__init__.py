"""Search over recommendations: folded words, their documents, and what is found in them."""
